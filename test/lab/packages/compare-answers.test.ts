import { expect, test } from "vitest";
import { type Answer, differenceOf } from "../../../src/lab/packages/compare-answers.js";

const values = (...all: readonly unknown[]): Answer[] => all.map((value) => ({ value }));

test("an answer is the same if it is equal to what every plain process gives", () => {
  const plain = values({ a: [1, "x", null] }, { a: [1, "x", null] });
  expect(differenceOf(plain, { value: { a: [1, "x", null] } })).toBeUndefined();
  expect(differenceOf(plain, { value: { a: [1, "y", null] } })).toBe(
    'at a.1: "y", plain Python: "x"',
  );
});

test("a part that differs between two plain processes only needs the same type", () => {
  const plain = values([2, 17_063_936, "id-1"], [2, 17_682_432, "id-2"]);
  expect(differenceOf(plain, { value: [2, 5, "id-3"] })).toBeUndefined();
  expect(differenceOf(plain, { value: [3, 5, "id-3"] })).toBe("at 0: 3, plain Python: 2");
  expect(differenceOf(plain, { value: [2, "5", "id-3"] })).toMatch(/^at 1: "5"/);
});

test("missing and additional parts are a difference, unless plain processes differ in them too", () => {
  expect(differenceOf(values([1], [1]), { value: [1, 2] })).toBeDefined();
  expect(differenceOf(values({ a: 1 }, { a: 1 }), { value: {} })).toBeDefined();
  expect(differenceOf(values([1], [1, 2]), { value: [1, 2, 3] })).toBeUndefined();
});

test("a failure equals the same failure only, and never an answer", () => {
  const plain: Answer[] = [
    { error: "ImportError: libGL.so.1" },
    { error: "ImportError: libGL.so.1" },
  ];
  expect(differenceOf(plain, { error: "ImportError: libGL.so.1" })).toBeUndefined();
  expect(differenceOf(plain, { error: "ImportError: libodbc.so.2" })).toBeDefined();
  expect(differenceOf(plain, { value: "ImportError: libGL.so.1" })).toBeDefined();
  expect(differenceOf(values(null, null), { error: "KeyError: 'x'" })).toBeDefined();
});

test("1 and 1.0 are one number in JSON, and 0.1 + 0.2 is not 0.3", () => {
  expect(differenceOf(values(1, 1), { value: 1.0 })).toBeUndefined();
  expect(differenceOf(values(0.3, 0.3), { value: 0.1 + 0.2 })).toBeDefined();
});
