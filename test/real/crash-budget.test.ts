import { expect, test } from "vitest";
import { CRASH_BURST, CRASHES_PER_SECOND, CrashBudget } from "../../src/real/crash-budget.js";

const US_PER_SECOND = 1_000_000;
const US_PER_CRASH = US_PER_SECOND / CRASHES_PER_SECOND;

/** How many containers a function gets in a time span if each dies as soon as it exists. */
function startsOfDying(budget: CrashBudget, functionId: number, spanUs: number): number {
  let starts = 0;
  for (let nowUs = 0; nowUs < spanUs; starts++) {
    nowUs += budget.delayUs(functionId, nowUs);
    budget.died(functionId, nowUs);
  }
  return starts;
}

test("containers that die at once are created again a burst of times, then 20 times per second", () => {
  const spanUs = 10 * US_PER_SECOND;
  // the burst, then one start per 50 ms; the boundary may count one more
  const expected = CRASH_BURST + spanUs / US_PER_CRASH;
  const starts = startsOfDying(new CrashBudget(), 0, spanUs);
  expect(Math.abs(starts - expected)).toBeLessThanOrEqual(1);
});

test("a function that dies less often than that never waits, and no other function waits for it", () => {
  const budget = new CrashBudget();
  for (let death = 0; death < 1000; death++) {
    const nowUs = death * US_PER_CRASH;
    expect(budget.delayUs(0, nowUs)).toBe(0);
    budget.died(0, nowUs);
  }
  startsOfDying(budget, 1, US_PER_SECOND);
  expect(budget.delayUs(1, US_PER_SECOND)).toBeGreaterThan(0);
  expect(budget.delayUs(2, US_PER_SECOND)).toBe(0);
});

test("a debt of deaths is forgotten when enough time has passed", () => {
  const budget = new CrashBudget();
  const deaths = 3 * CRASH_BURST;
  for (let death = 0; death < deaths; death++) budget.died(0, 0);
  // 30 deaths minus the burst of 10, at 50 ms each: 1 s
  expect(budget.delayUs(0, 0)).toBe((deaths - CRASH_BURST) * US_PER_CRASH);
  expect(budget.delayUs(0, deaths * US_PER_CRASH)).toBe(0);
  for (let death = 0; death < CRASH_BURST; death++) budget.died(0, deaths * US_PER_CRASH);
  expect(budget.delayUs(0, deaths * US_PER_CRASH)).toBe(0);
});
