import { expect, test } from "vitest";
import { throughputs } from "../../../src/lab/bench/caches.js";
import { partsOf } from "../../../src/lab/bench/image/parts.js";
import { pinsOf } from "../../../src/lab/bench/installed-packages.js";
import { skewedFunctions } from "../../../src/lab/bench/skewed-functions.js";

test("file names of wheels become pins with names normalised by PEP 503; other files become none", () => {
  const pins = pinsOf([
    "python_dateutil-2.9.0.post0-py2.py3-none-any.whl",
    "MarkupSafe-3.0.4-cp311-cp311-manylinux_2_17_x86_64.whl",
    "six-1.17.0.tar.gz",
  ]);
  expect([...pins.values()].sort()).toEqual(["markupsafe==3.0.4", "python-dateutil==2.9.0.post0"]);
});

test("throughput counts whole slices of 3 s: 3 answers, then 6, and the rest is left out", () => {
  const at = (seconds: number) => ({
    endedUs: seconds * 1e6,
    responseUs: 1,
    start: "warm" as const,
    failure: undefined,
  });
  const answers = [0.5, 1, 2, 3, 3.5, 4, 4.5, 5, 5.9, 6.1, 6.2].map(at);
  expect(throughputs(answers)).toEqual([1, 2]);
  expect(throughputs([at(0.5), at(1)])).toEqual([2]);
});

test("the platform's part is the time that is not imports, client, store or resizing", () => {
  const answer = { importsUs: 30, clientUs: 40, getUs: 5, resizeUs: 20, putUs: 6 };
  const phaseUs = { install: 0, create: 7, fork: 3, import: 100, load: 75, resume: 0 };
  // 250 - (100 + 30) - 40 - (5 + 6) - 20 = 49
  expect(partsOf({ firstAnswerUs: 250, phaseUs, answer })).toEqual({
    platform: 49,
    imports: 130,
    "S3 client": 40,
    store: 11,
    resizing: 20,
  });
});

test("functions are drawn by Zipf's law: the first one twice as often as the second, within 10 %", async () => {
  const { functions, needed, draw } = await skewedFunctions(16, 1);
  const next = draw();
  const counts = new Array<number>(16).fill(0);
  for (let at = 0; at < 100_000; at++) counts[next()]++;
  expect(counts[0] / counts[1]).toBeGreaterThan(1.8);
  expect(counts[0] / counts[1]).toBeLessThan(2.2);
  for (const { closure } of functions) {
    expect(closure.size).toBeLessThanOrEqual(5);
    expect([...closure.ids].every((id) => needed.includes(id))).toBe(true);
  }
});

test("each sequence draws the same functions in the same order", async () => {
  const { draw } = await skewedFunctions(8, 7);
  const [one, other] = [draw(), draw()];
  const take = (next: () => number) => Array.from({ length: 50 }, next);
  expect(take(one)).toEqual(take(other));
});
