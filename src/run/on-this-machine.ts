import { rm } from "node:fs/promises";
import { join } from "node:path";
import { formatUs, US_PER_MS } from "../basics/units.js";
import type { PackageId } from "../contract/package-set.js";
import type { Workload } from "../contract/workload.js";
import { preinstalled } from "../engine/preinstalled.js";
import { writeHandlers } from "../real/made-up/handlers.js";
import { writeWheels } from "../real/made-up/wheels.js";
import { openState, type StateSetup } from "../real/open-state.js";
import { CataloguePackages } from "../real/packages/catalogue-packages.js";
import type { PackageIndex } from "../real/packages/package-tool.js";
import { RealBackend } from "../real/real-backend.js";
import type { RealOptions } from "../real/real-setup.js";
import { functionFolder } from "../real/state/function-folder.js";
import { stateLayout } from "../real/state/instance.js";
import { LatenessObserver } from "./lateness-observer.js";
import { type RunParts, runOn } from "./on-backend.js";
import type { RunEnd } from "./run-end.js";

export interface RealRun extends RunParts, Omit<StateSetup, "index" | "keepsPackages"> {
  /** Where packages come from; undefined: wheels are built from the workload's catalogue. */
  readonly index: PackageIndex | undefined;
  /** Cores that a running handler keeps busy. */
  readonly cpuDemand: number;
  readonly base: string | undefined;
  readonly options: Partial<RealOptions>;
  onProblem(text: string): void;
  /** Ends the run early; all that it opened is released. */
  readonly stopped: Promise<void>;
}

/** Mean lateness above which a run warns, because it then matters next to the fastest starts. */
const LATE_US = US_PER_MS / 10;

/**
 * Runs a workload on this machine, from its first arrival to the end of its span, with a real
 * handler for each function. Returns undefined if it was stopped. Errors: those of `openState`.
 */
export async function runOnThisMachine(run: RealRun): Promise<RunEnd | undefined> {
  const { workload, config } = run;
  const wheels = join(stateLayout(run.stateFolder).root, "wheels");
  const index: PackageIndex = run.index ?? { kind: "folder", path: wheels };
  const state = await openState({ ...run, index, keepsPackages: false });
  const { layout, installer } = state;
  let backend: RealBackend | undefined;
  try {
    const needed = neededPackages(workload);
    await rm(wheels, { recursive: true, force: true });
    if (run.index === undefined) await writeWheels(wheels, workload.catalogue, needed);
    await writeHandlers(layout, workload, {
      cpuDemand: run.cpuDemand,
      interpreterBytes: config.footprint.interpreterBytes,
      // a container imports all modules of real packages before it loads the handler
      ...(run.index === undefined ? {} : { modulesOf: () => [] }),
    });
    const store = new CataloguePackages(workload.catalogue.packages, installer);
    const onDisk = preinstalled({ ...run, ...workload, packages: workload.catalogue.packages });
    await Promise.all(onDisk.filter((id) => needed.has(id)).map((id) => store.install(id)));
    backend = new RealBackend({
      ...state,
      folder: layout.containers,
      packagesFolder: layout.packages,
      base: run.base,
      store,
      functions: workload.functions,
      codeOf: (id) => functionFolder(layout, workload.functions[id].name),
      onProblem: run.onProblem,
      onWarning: ({ code, text }) => run.observer.warned(code, text),
      options: run.options,
    });
    return await runUntilStopped(backend, run);
  } finally {
    await backend?.close();
    await rm(wheels, { recursive: true, force: true });
    await state.release();
  }
}

/** Runs on a backend that is ready, and warns if arrivals reached the engine late. */
async function runUntilStopped(backend: RealBackend, run: RealRun): Promise<RunEnd | undefined> {
  const observer = new LatenessObserver(run.observer, () => backend.nowUs);
  const controller = new AbortController();
  void run.stopped.then(() => {
    controller.abort();
    backend.interrupt();
  });
  const end = await runOn(backend, { ...run, observer }, controller.signal);
  if (end !== undefined && observer.meanUs > LATE_US) {
    run.observer.warned(
      "late-arrivals",
      `arrivals reached the engine ${formatUs(observer.meanUs)} after they were due on average, ${formatUs(observer.maxUs)} at most; start-up times include that lateness`,
    );
  }
  return end;
}

function neededPackages({ functions }: Workload): ReadonlySet<PackageId> {
  return new Set(functions.flatMap(({ closure }) => [...closure.ids]).sort((a, b) => a - b));
}
