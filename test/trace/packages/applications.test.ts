import { expect, test } from "vitest";
import type { FunctionProfile } from "../../../src/contract/workload.js";
import { applicationProfiles } from "../../../src/trace/packages/applications.js";
import { MIB, makeFunction, makePackage } from "../../engine/harness.js";

const INTERPRETER_BYTES = 4 * MIB;
/** numpy 1 and 2 of 8 and 9 MiB, six of 1 MiB. */
const packages = [
  makePackage({ name: "numpy", version: "1", memoryBytes: 8 * MIB }),
  makePackage({ name: "numpy", version: "2", memoryBytes: 9 * MIB }),
  makePackage({ name: "six", version: "1", memoryBytes: MIB }),
];
const catalogue = { source: "test", packages };

const profilesOf = (functions: readonly FunctionProfile[], appBytes?: number) =>
  applicationProfiles(
    { functions, catalogue, applications: [{ name: "shop", memoryBytes: appBytes }] },
    INTERPRETER_BYTES,
  );

const pay = makeFunction({ closure: [0, 2], memoryBytes: 20 * MIB, weight: 3 });
const list = makeFunction({ closure: [2], memoryBytes: 10 * MIB, weight: 4 });

test("an application has the packages of all its functions, and is as frequent as all of them", () => {
  const [shop] = profilesOf([pay, list]);
  expect([...shop.closure.ids]).toEqual([0, 2]);
  expect(shop).toMatchObject({ name: "shop", app: 0, weight: 7 });
});

test("of two versions of a package the one of the function named first stays", () => {
  const [shop] = profilesOf([pay, makeFunction({ closure: [1] })]);
  expect([...shop.closure.ids]).toEqual([0, 2]);
  expect([...shop.requirements.ids]).toEqual([0, 2]);
});

test("its memory has the interpreter and each package once, and what each handler keeps", () => {
  // pay: 20 - 4 - 8 - 1 = 7 MiB; list: 10 - 4 - 1 = 5; together 4 + 8 + 1 + 7 + 5 = 25
  const [shop] = profilesOf([pay, list]);
  expect(shop.memoryBytes).toBe(25 * MIB);
});

test("its memory is the trace's if the trace has it, but at least the interpreter and the packages", () => {
  expect(profilesOf([pay, list], 30 * MIB)[0].memoryBytes).toBe(30 * MIB);
  expect(profilesOf([pay, list], 2 * MIB)[0].memoryBytes).toBe(13 * MIB);
});

test("it has a trigger and an owner only if all its functions share it", () => {
  const timer = makeFunction({ trigger: "timer", owner: "ann" });
  const http = makeFunction({ trigger: "http", owner: "ann" });
  expect(profilesOf([timer, timer])[0]).toMatchObject({ trigger: "timer", owner: "ann" });
  expect(profilesOf([timer, http])[0]).toMatchObject({ owner: "ann" });
  expect(profilesOf([timer, http])[0].trigger).toBe(undefined);
});

test("applications whose numbers have a gap are refused", () => {
  expect(() => profilesOf([pay, { ...list, app: 2 }])).toThrow(
    "no function has app 1, expected applications numbered from 0 without a gap",
  );
});
