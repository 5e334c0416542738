import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../basics/errors.js";
import type { FunctionProfile, Package, Workload } from "../../contract/workload.js";
import { functionFolder } from "../state/function-folder.js";
import type { StateLayout } from "../state/instance.js";
import { moduleOf } from "./wheels.js";

export const HANDLER_FILE = "f.py";
const PAGE_BYTES = 4096;
/** How long a handler computes and waits in turn: one scheduler tick at 100 Hz. */
const SLICE_NS = 10_000_000;

export interface HandlerOptions {
  /**
   * Share of one core that a running handler keeps busy, from 0 to 1. For the rest of its run time
   * it waits.
   */
  readonly cpuDemand: number;
  /** Memory of a Python process that has imported nothing. */
  readonly interpreterBytes: number;
  /** Modules that a package contains; default: those of an invented package. */
  readonly modulesOf?: (each: Package) => readonly string[];
}

/**
 * Writes a real handler for each function of a workload. Its `f.py` imports the function's direct
 * packages and keeps the rest of the function's memory. On an idle machine `f({"runUs": n})` runs
 * for n microseconds; then it returns `{"ok": true}`.
 */
export async function writeHandlers(
  layout: StateLayout,
  { functions, catalogue }: Pick<Workload, "functions" | "catalogue">,
  options: HandlerOptions,
): Promise<void> {
  for (const profile of functions) {
    const folder = functionFolder(layout, profile.name);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const source = handlerSource(profile, catalogue.packages, options);
    await writeFile(join(folder, HANDLER_FILE), source, { mode: 0o644 });
  }
}

/** Source of one function's handler, in Python. */
export function handlerSource(
  profile: FunctionProfile,
  packages: readonly Package[],
  { cpuDemand, interpreterBytes, modulesOf = ({ name }) => [moduleOf(name)] }: HandlerOptions,
): string {
  assert(cpuDemand >= 0 && cpuDemand <= 1, `a handler's CPU demand of ${cpuDemand}`);
  const modules = Array.from(profile.requirements.ids, (id) => modulesOf(packages[id])).flat();
  for (const name of modules) assert(/^[A-Za-z_]\w*$/.test(name), `a module named ${name}`);
  let importedBytes = 0;
  for (const id of profile.closure.ids) importedBytes += packages[id].memoryBytes;
  const keptBytes = Math.max(profile.memoryBytes - interpreterBytes - importedBytes, 0);
  const pages = Math.ceil(keptBytes / PAGE_BYTES);
  const keep = `${KEEP}_kept = _keep(${pages})\n`;
  return `${modules.map((name) => `import ${name}\n`).join("")}${pages === 0 ? "" : keep}${RUN}
CPU_DEMAND = ${cpuDemand}


def f(event):
    _run(event["runUs"] * 1000, CPU_DEMAND)
    return {"ok": True}
`;
}

/**
 * Keeps a number of pages, in small pages that are populated at once. Touching them one by one
 * takes longer. Huge pages have two prices on a virtual machine: a low one, and a high one if the
 * hypervisor had taken back the free memory. So their price depends on what the machine did before
 * (docs/evidence/calibration.md).
 */
const KEEP = `import mmap


def _keep(pages):
    kept = mmap.mmap(-1, pages * ${PAGE_BYTES}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    try:
        kept.madvise(15)  # MADV_NOHUGEPAGE
    except OSError:
        pass  # a kernel without huge pages
    try:
        kept.madvise(23)  # MADV_POPULATE_WRITE
    except OSError:  # before Linux 5.14
        kept[::${PAGE_BYTES}] = b"\\x01" * pages
    return kept


`;

/**
 * Computes and waits in turn, so that the demand is even over the run. Computing is measured by the
 * thread's CPU clock and waiting by the wall clock: on a busy machine, the run takes longer.
 */
const RUN = `from time import monotonic_ns, sleep, thread_time_ns


def _run(run_ns, cpu_demand):
    compute_ns = run_ns * cpu_demand
    wait_ns = run_ns - compute_ns
    slices = max(1, run_ns // ${SLICE_NS})
    began_ns = thread_time_ns()
    for done in range(1, slices + 1):
        while thread_time_ns() - began_ns < compute_ns * done / slices:
            pass
        left_ns = wait_ns / (slices + 1 - done)
        if left_ns > 0:
            slept_ns = monotonic_ns()
            sleep(left_ns / 1e9)
            wait_ns -= monotonic_ns() - slept_ns

`;
