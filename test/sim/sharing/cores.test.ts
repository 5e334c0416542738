import fc from "fast-check";
import { expect, test } from "vitest";
import { Cores } from "../../../src/sim/sharing/cores.js";

/** Ends of jobs (arrival, work, demand in thousandths of a core, whether a run) on `cores`, by job. */
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

test("runs that want a twentieth of a core keep their pace while imports that want whole ones share what is left", () => {
  // Two cores, four runs at 0.05 and three imports: nobody's even part, 2/7, is below 0.05. The
  // imports have 1.8 cores for 3: 0.6 of their pace. The runs end at 900 us, undisturbed; by then
  // the imports have done 540, and with 2/3 of their pace need 690 more for the last 460.
  const run = [0, 900, 50, true] as const;
  const work = [0, 1000, 1000] as const;
  expect(endsOf(2, [run, run, run, run, work, work, work])).toEqual([
    900, 900, 900, 900, 1590, 1590, 1590,
  ]);
});

test("where even parts are smaller than what runs want, they are slowed down too, all jobs alike", () => {
  // One core, one run that wants 0.8 and three imports: a quarter each, so the run at 0.25/0.8.
  expect(endsOf(1, [[0, 250, 800, true], ...Array(3).fill([0, 1000, 1000] as const)])[0]).toBe(800);
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
          expect(ends[i] - atUs).toBeGreaterThanOrEqual(workUs);
        // All done by the last arrival plus all work on one core, and not before all work on all cores.
        const work = jobs.reduce((sum, [, workUs]) => sum + workUs, 0);
        expect(Math.max(...ends)).toBeLessThanOrEqual(jobs.at(-1)![0] + work + jobs.length);
        expect(Math.max(...ends)).toBeGreaterThanOrEqual(jobs[0][0] + Math.ceil(work / cores) - 1);
      },
    ),
  );
});
