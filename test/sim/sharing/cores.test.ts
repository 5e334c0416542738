import fc from "fast-check";
import { expect, test } from "vitest";
import { Cores } from "../../../src/sim/sharing/cores.js";

/**
 * Ends of the jobs on `cores`. A job is [arrival, work, demand in thousandths of a core, is a run].
 */
function endsOf(
  cores: number,
  jobs: readonly (readonly [atUs: number, workUs: number, demand: number, isRun?: boolean])[],
): number[] {
  const resource = new Cores(cores * 1000);
  const ends: number[] = [];
  let next = 0;
  while (next < jobs.length || resource.nextUs !== Number.POSITIVE_INFINITY) {
    const atUs = jobs[next]?.[0] ?? Number.POSITIVE_INFINITY;
    if (resource.nextUs <= atUs) {
      const endUs = resource.nextUs;
      ends[resource.next((job) => jobs[job][2])] = endUs;
    } else {
      resource.add(next, jobs[next][3] ?? false, jobs[next][1], jobs[next][2], atUs);
      next++;
    }
  }
  return ends;
}

test("on two cores, three jobs of 3, 6 and 9 us that begin together end at 4.5, 7.5 and 10.5 us, rounded up", () => {
  // Three at 2/3: the first ends at 4.5.
  // The others then have 3 and 6 left and one core each: 7.5 and 10.5.
  expect(
    endsOf(2, [
      [0, 3, 1000],
      [0, 6, 1000],
      [0, 9, 1000],
    ]),
  ).toEqual([5, 8, 11]);
});

test("jobs that need half a core slow down only when their demands exceed the cores", () => {
  // Four halves are two cores: all run at full speed. Eight run at half speed.
  const half = Array.from({ length: 8 }, () => [0, 1000, 500] as const);
  expect(endsOf(2, half.slice(0, 4))).toEqual([1000, 1000, 1000, 1000]);
  expect(endsOf(2, half)).toEqual(Array(8).fill(2000));
});

test("runs that want a twentieth of a core keep their pace while imports that want whole ones share what is left", () => {
  // Two cores, four runs at 0.05 and three imports: an equal share, 2/7, is above 0.05. The three
  // imports share 1.8 cores, so their pace is 0.6. The runs end at 900 us, undisturbed. By then
  // the imports have done 540 us, and at a pace of 2/3 they need 690 us for the other 460.
  const run = [0, 900, 50, true] as const;
  const work = [0, 1000, 1000] as const;
  expect(endsOf(2, [run, run, run, run, work, work, work])).toEqual([
    900, 900, 900, 900, 1590, 1590, 1590,
  ]);
});

test("runs that want more than an equal share get an equal share, like all jobs", () => {
  // One core, one run that wants 0.8 and three imports: each gets a quarter.
  // The run's pace is 0.25/0.8.
  expect(endsOf(1, [[0, 250, 800, true], ...Array(3).fill([0, 1000, 1000] as const)])[0]).toBe(800);
});

test("the last job ends no earlier than all cores, and no later than one core, could have done all work", () => {
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
          expect(ends[i] - atUs).toBeGreaterThanOrEqual(workUs);
        // The last end is at most the last arrival plus all work, and at least all work divided by
        // all cores.
        const work = jobs.reduce((sum, [, workUs]) => sum + workUs, 0);
        expect(Math.max(...ends)).toBeLessThanOrEqual(jobs.at(-1)![0] + work + jobs.length);
        expect(Math.max(...ends)).toBeGreaterThanOrEqual(jobs[0][0] + Math.ceil(work / cores) - 1);
      },
    ),
  );
});
