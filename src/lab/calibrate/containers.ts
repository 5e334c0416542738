import { NONE } from "../../basics/none.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import type { CostFindings } from "./findings.js";
import { meanAutocorrelation, meanCorrelation } from "./rank-correlation.js";
import type { Measured, Stand } from "./stand.js";
import { constantCost, costOf, robustLine } from "./summary.js";

/** Ids of what is alive during a measurement. */
export const ROOT_ZYGOTE_ID = 0;
const CONTAINER = 0;
/** A short run: what matters is what comes on top. */
const SHORT_RUN_US = 5_000;

/** One container's life. */
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

/** Lives of containers forked from the root Zygote, and what their parts have in common. */
export async function measureForked(stand: Stand, samples: number): Promise<CostFindings> {
  const lives: Life[] = [];
  while (lives.length < samples) lives.push(await live(stand, ROOT_ZYGOTE_ID));
  const of = (pick: (life: Life) => number) => lives.map(pick);
  const create = of(({ created }) => created.phaseUs.create);
  const fork = of(({ created }) => created.phaseUs.fork);
  const load = of(({ created }) => created.phaseUs.load);
  const ready = of(({ created }) => created.restUs);
  const parts = [create, fork, load, ready];
  const what = "containers forked from the root Zygote, 20 ms apart";
  const run = (pick: (life: Life) => Measured) => of((life) => pick(life).runUs - SHORT_RUN_US);
  const overhead = (pick: (life: Life) => Measured) =>
    of((life) => pick(life).elapsedUs - pick(life).runUs);
  return {
    costs: {
      containerCreate: costOf(create, "us", `phase create of ${what}`),
      forkFloor: costOf(fork, "us", `phase fork of ${what}`),
      load: costOf(load, "us", `phase load of ${what}`),
      ready: costOf(ready, "us", `creation less its phases of ${what}: timer's delay, news' way`),
      request: costOf(
        overhead(({ warm }) => warm),
        "us",
        "warm run less the handler's own time",
      ),
      firstRequest: costOf(
        overhead(({ first }) => first),
        "us",
        "the same of a container's first run, from its readiness on",
      ),
      resume: costOf(
        overhead(({ resumed }) => resumed),
        "us",
        "the same of a paused container's run",
      ),
      pause: costOf(
        of(({ paused }) => paused.elapsedUs),
        "us",
        "pause from call to completion",
      ),
      runFixed: costOf(
        [...run(({ warm }) => warm), ...run(({ resumed }) => resumed)],
        "us",
        "handler's own time less the 5 ms asked for, warm and resumed",
      ),
      firstRunFixed: costOf(
        run(({ first }) => first),
        "us",
        "the same of a container's first run",
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
    },
  };
}

/** Nothing where no cgroup counts memory. */
function ownMemory(
  name: "forkPrivateMemory" | "freshPrivateMemory",
  lives: readonly Life[],
  what: string,
): CostFindings["costs"] {
  const bytes = lives.map(({ resumed }) => resumed.measuredBytes);
  if (bytes[0] < 0) return {};
  return { [name]: costOf(bytes, "bytes", `memory charged to a ${what} after three runs`) };
}

/** Containers from nothing. */
export async function measureFresh(stand: Stand, samples: number): Promise<CostFindings> {
  const lives: Life[] = [];
  while (lives.length < samples) lives.push(await live(stand, NONE));
  const of = (pick: (life: Life) => number) => lives.map(pick);
  return {
    costs: {
      freshCreate: costOf(
        of(({ created }) => created.phaseUs.create),
        "us",
        "phase create of containers from nothing: process, confinement and interpreter",
      ),
      freshLoad: costOf(
        of(({ created }) => created.phaseUs.load),
        "us",
        "phase load of containers from nothing",
      ),
      ...ownMemory("freshPrivateMemory", lives, "container from nothing"),
    },
    observed: {
      freshContainer: costOf(
        of(({ created }) => created.elapsedUs),
        "us",
        "creation of containers from nothing",
      ),
      freshReady: costOf(
        of(({ created }) => created.restUs),
        "us",
        "creation from nothing less its phases",
      ),
      freshFirstRequest: costOf(
        of(({ first }) => first.elapsedUs - first.runUs),
        "us",
        "first run of a container from nothing less the handler's own time",
      ),
      freshDestroy: costOf(
        of(({ destroyed }) => destroyed.elapsedUs),
        "us",
        "destruction of containers from nothing",
      ),
    },
  };
}

/** Handlers that keep memory: their loading and their end, against how much they keep. */
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
      loadPerMib: perMib(loads, "phase load, for each MiB a handler keeps (16, 64, 128)"),
      destroyPerKeptMib: perMib(ends, "destruction, for each MiB a handler keeps (16, 64, 128)"),
    },
    observed: {
      ...(bytes[0][1] < 0
        ? {}
        : {
            keptMemoryScale: constantCost(
              robustLine(bytes).slope,
              "ratio",
              "memory charged over bytes a handler keeps",
            ),
          }),
    },
  };
}

/**
 * What each value has beyond the line's start, for each MiB; of the larger sizes, from half of the
 * largest on: a small one's noise would count for many MiB.
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
