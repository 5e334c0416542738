import { expect, test } from "vitest";
import { WHOLE_RUN } from "../../../src/contract/measured-span.js";
import { HANDLER, Ledger, RUNNING, ZYGOTE_TIER } from "../../../src/engine/tables/ledger.js";

test("bytes over time: 100 B running for 10 us, then idle for 5 us, and a Zygote of 50 B from 2 us on", () => {
  const ledger = new Ledger(200, WHOLE_RUN);
  ledger.charge(RUNNING, 100, 0);
  ledger.charge(ZYGOTE_TIER, 50, 2);
  ledger.move(RUNNING, HANDLER, 100, 10);
  const totals = ledger.totals(15);
  expect(totals.byteUs).toEqual([100 * 10, 100 * 5, 50 * 13]);
  expect(totals.peakBytes).toBe(150);
  expect(ledger.freeBytes).toBe(50);
});

test("a charge beyond the limit stops the run, and so does a release of more than was charged", () => {
  const ledger = new Ledger(100, WHOLE_RUN);
  ledger.charge(RUNNING, 100, 0);
  expect(() => ledger.charge(HANDLER, 1, 0)).toThrow("beyond the limit");
  expect(() => new Ledger(100, WHOLE_RUN).release(RUNNING, 1, 0)).toThrow("more memory");
});
