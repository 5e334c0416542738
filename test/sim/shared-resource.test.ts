import fc from "fast-check";
import { expect, test } from "vitest";
import { SharedResource } from "../../src/sim/shared-resource.js";

/** Ends of jobs (arrival, work, demand in thousandths of a core) on `cores`, by job. */
function endsOf(
  cores: number,
  jobs: readonly (readonly [atUs: number, workUs: number, demand: number])[],
): number[] {
  const resource = new SharedResource(cores * 1000, 1);
  const ends: number[] = [];
  let next = 0;
  while (next < jobs.length || resource.nextUs !== Number.POSITIVE_INFINITY) {
    const atUs = jobs[next]?.[0] ?? Number.POSITIVE_INFINITY;
    if (resource.nextUs <= atUs) {
      const endUs = resource.nextUs;
      ends[resource.next((job) => jobs[job]![2])] = endUs;
    } else {
      resource.add(next, jobs[next]![1], jobs[next]![2], atUs);
      next++;
    }
  }
  return ends;
}

test("two cores, three jobs of 3, 6 and 9 us that begin together: 4.5, 7.5 and 9 us, rounded up", () => {
  // Three at 2/3: the first ends at 4.5. The others have 3 and 6 left and a core each: 7.5 and 10.5.
  expect(
    endsOf(2, [
      [0, 3, 1000],
      [0, 6, 1000],
      [0, 9, 1000],
    ]),
  ).toEqual([5, 8, 11]);
});

test("jobs that need half a core slow down only when their demands exceed the cores", () => {
  // Four halves are two cores: nobody waits. With eight, all run at half speed.
  const half = Array.from({ length: 8 }, () => [0, 1000, 500] as const);
  expect(endsOf(2, half.slice(0, 4))).toEqual([1000, 1000, 1000, 1000]);
  expect(endsOf(2, half)).toEqual(Array(8).fill(2000));
});

test("the cores do no more than they can and no less than they must", () => {
  const job = fc.tuple(
    fc.integer({ min: 0, max: 2000 }),
    fc.integer({ min: 1, max: 500 }),
    fc.constant(1000),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(job, { minLength: 1, maxLength: 40 }),
      (cores, unsorted) => {
        const jobs = unsorted.toSorted((a, b) => a[0] - b[0]);
        const ends = endsOf(cores, jobs);
        for (const [i, [atUs, workUs]] of jobs.entries())
          expect(ends[i]! - atUs).toBeGreaterThanOrEqual(workUs);
        // All done by the last arrival plus all work on one core, and not before all work on all cores.
        const work = jobs.reduce((sum, [, workUs]) => sum + workUs, 0);
        expect(Math.max(...ends)).toBeLessThanOrEqual(jobs.at(-1)![0] + work + jobs.length);
        expect(Math.max(...ends)).toBeGreaterThanOrEqual(jobs[0]![0] + Math.ceil(work / cores) - 1);
      },
    ),
  );
});
