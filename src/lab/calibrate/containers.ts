import { median } from "d3-array";
import { NONE } from "../../basics/none.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import type { CostFindings } from "./findings.js";
import { meanAutocorrelation, meanCorrelation } from "./rank-correlation.js";
import type { Measured, Stand } from "./stand.js";
import { constantCost, costOf, robustLine } from "./summary.js";

/** Id of the root Zygote during measurements. */
export const ROOT_ZYGOTE_ID = 0;
const CONTAINER = 0;
/** Requested time of a short run, because only the time on top of it is measured. */
const SHORT_RUN_US = 5_000;

/** The operations of one container, from creation to destruction. */
interface Life {
  readonly created: Measured;
  readonly first: Measured;
  readonly warm: Measured;
  readonly paused: Measured;
  readonly resumed: Measured;
  readonly destroyed: Measured;
}

async function live(stand: Stand, parent: number): Promise<Life> {
  const { plain } = stand.workload;
  const created = await stand.container(CONTAINER, plain, parent);
  const first = await stand.run(CONTAINER, SHORT_RUN_US, created.atUs);
  const warm = await stand.run(CONTAINER, SHORT_RUN_US, await stand.due());
  const paused = await stand.pause(CONTAINER);
  const resumed = await stand.run(CONTAINER, SHORT_RUN_US, await stand.due(), true);
  const destroyed = await stand.destroyContainer(CONTAINER);
  return { created, first, warm, paused, resumed, destroyed };
}

/**
 * Measures containers forked from the root Zygote, from creation to destruction, and the
 * correlation of their parts.
 */
export async function measureForked(stand: Stand, samples: number): Promise<CostFindings> {
  const lives: Life[] = [];
  while (lives.length < samples) lives.push(await live(stand, ROOT_ZYGOTE_ID));
  const of = (pick: (life: Life) => number) => lives.map(pick);
  const create = of(({ created }) => created.phaseUs.create);
  const fork = of(({ created }) => created.phaseUs.fork);
  const load = of(({ created }) => created.phaseUs.load);
  const ready = of(({ created }) => created.restUs);
  const parts = [create, fork, load, ready];
  const thaw = of(({ resumed }) => resumed.phaseUs.resume);
  const what = "containers forked from the root Zygote, 20 ms apart";
  const run = (pick: (life: Life) => Measured) => of((life) => pick(life).runUs - SHORT_RUN_US);
  const overhead = (pick: (life: Life) => Measured) =>
    of((life) => pick(life).elapsedUs - pick(life).runUs);
  return {
    costs: {
      containerCreate: costOf(create, "us", `phase create of ${what}`),
      forkFloor: costOf(fork, "us", `phase fork of ${what}`),
      load: costOf(load, "us", `phase load of ${what}`),
      ready: costOf(
        ready,
        "us",
        `creation minus its phases of ${what}: delay of the timer and of the notification`,
      ),
      request: costOf(
        overhead(({ warm }) => warm),
        "us",
        "warm run minus the handler's own time",
      ),
      firstRequest: costOf(
        overhead(({ first }) => first),
        "us",
        "first run of a container, from its readiness, minus the handler's own time",
      ),
      resume: costOf(
        overhead(({ resumed }) => resumed),
        "us",
        "run of a paused container minus the handler's own time: request, and what pausing costs",
      ),
      pause: costOf(
        of(({ paused }) => paused.elapsedUs),
        "us",
        "pause from call to completion",
      ),
      runFixed: costOf(
        [...run(({ warm }) => warm), ...run(({ resumed }) => resumed)],
        "us",
        "handler's own time minus the requested 5 ms, warm and resumed",
      ),
      firstRunFixed: costOf(
        run(({ first }) => first),
        "us",
        "handler's own time minus the requested 5 ms, in a container's first run",
      ),
      containerDestroy: costOf(
        of(({ destroyed }) => destroyed.elapsedUs),
        "us",
        `destruction of ${what}`,
      ),
      ...ownMemory("forkPrivateMemory", lives, "forked container"),
    },
    correlation: {
      withinOperation: Number(meanCorrelation(parts).toFixed(3)),
      betweenOperations: Number(meanAutocorrelation(parts).toFixed(3)),
    },
    observed: {
      forkedContainer: costOf(
        of(({ created }) => created.elapsedUs),
        "us",
        `creation of ${what}`,
      ),
      thaw: costOf(thaw, "us", "write that thaws a paused container"),
      wake: constantCost(
        Math.max(
          0,
          usualDifference(
            overhead(({ resumed }) => resumed),
            overhead(({ warm }) => warm),
          ) - median(thaw)!,
        ),
        "us",
        "what a pause adds to a run's overhead (median of the differences between the quantiles of resume and request), less the thaw",
      ),
    },
  };
}

/** The median of the differences between two samples of one size at the same quantile. */
function usualDifference(some: number[], others: number[]): number {
  const rising = (values: number[]) => values.toSorted((a, b) => a - b);
  const less = rising(others);
  return median(rising(some).map((value, rank) => value - less[rank]))!;
}

/** The private memory of containers; empty if no cgroup counts memory. */
function ownMemory(
  name: "forkPrivateMemory" | "freshPrivateMemory",
  lives: readonly Life[],
  what: string,
): CostFindings["costs"] {
  const bytes = lives.map(({ resumed }) => resumed.measuredBytes);
  if (bytes[0] < 0) return {};
  return { [name]: costOf(bytes, "bytes", `memory charged to a ${what} after three runs`) };
}

/** Measures containers that are started cold, from creation to destruction. */
export async function measureFresh(stand: Stand, samples: number): Promise<CostFindings> {
  const lives: Life[] = [];
  while (lives.length < samples) lives.push(await live(stand, NONE));
  const of = (pick: (life: Life) => number) => lives.map(pick);
  return {
    costs: {
      freshCreate: costOf(
        of(({ created }) => created.phaseUs.create),
        "us",
        "phase create of containers started cold: process, confinement and interpreter",
      ),
      freshLoad: costOf(
        of(({ created }) => created.phaseUs.load),
        "us",
        "phase load of containers started cold",
      ),
      ...ownMemory("freshPrivateMemory", lives, "container started cold"),
    },
    observed: {
      freshContainer: costOf(
        of(({ created }) => created.elapsedUs),
        "us",
        "creation of containers started cold",
      ),
      freshReady: costOf(
        of(({ created }) => created.restUs),
        "us",
        "creation of containers started cold minus its phases",
      ),
      freshFirstRequest: costOf(
        of(({ first }) => first.elapsedUs - first.runUs),
        "us",
        "first run of a container started cold minus the handler's own time",
      ),
      freshDestroy: costOf(
        of(({ destroyed }) => destroyed.elapsedUs),
        "us",
        "destruction of containers started cold",
      ),
    },
  };
}

/** Measures how load and destruction depend on the memory that a handler keeps. */
export async function measureKeepers(stand: Stand, samples: number): Promise<CostFindings> {
  const loads: [number, number][] = [];
  const ends: [number, number][] = [];
  const bytes: [number, number][] = [];
  const sizes = [{ functionId: stand.workload.plain, mib: 0 }, ...stand.workload.keepers];
  for (let round = 0; round < samples; round++) {
    for (const { functionId, mib } of sizes) {
      const created = await stand.container(CONTAINER, functionId, ROOT_ZYGOTE_ID);
      loads.push([mib, created.phaseUs.load]);
      bytes.push([mib, created.measuredBytes / BYTES_PER_MIB]);
      ends.push([mib, (await stand.destroyContainer(CONTAINER)).elapsedUs]);
    }
  }
  return {
    costs: {
      loadPerMib: perMib(loads, "phase load, per MiB that a handler keeps (16, 64, 128)"),
      destroyPerKeptMib: perMib(ends, "destruction, per MiB that a handler keeps (16, 64, 128)"),
    },
    observed: {
      ...(bytes[0][1] < 0
        ? {}
        : {
            keptMemoryScale: constantCost(
              robustLine(bytes).slope,
              "ratio",
              "memory charged, divided by the bytes that a handler keeps",
            ),
          }),
    },
  };
}

/**
 * The cost per MiB: each value minus the intercept of the fitted line, divided by its size. Only
 * sizes from half of the largest count, because division by a small size would magnify its noise.
 */
export function perMib(points: readonly (readonly [mib: number, us: number])[], source: string) {
  const { intercept } = robustLine(points);
  const largest = Math.max(...points.map(([mib]) => mib));
  const large = points.filter(([mib]) => mib >= largest / 2);
  return costOf(
    large.map(([mib, us]) => (us - intercept) / mib),
    "us/MiB",
    source,
  );
}
