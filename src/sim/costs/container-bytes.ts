import { NONE } from "../../basics/none.js";
import type { Costs } from "./costs.js";
import { MemoryModel, type MemorySetup } from "./process-memory.js";

/** Bytes that one idle container of a function does not share. */
export interface ContainerBytes {
  /** Started cold: it shares nothing. */
  readonly whole: number;
  /** Forked from a Zygote with all of its packages. */
  readonly forked: number;
}

/** The bytes that a simulated idle container is charged for, by function. */
export function idleContainerBytes(setup: MemorySetup): readonly ContainerBytes[] {
  const memory = new MemoryModel(setup);
  return setup.functions.map(({ closure }, functionId) => {
    const packages = Int32Array.from(closure.ids);
    memory.addZygote(0, NONE, packages);
    const bytesOf = (parent: number, missing: Int32Array) => {
      memory.addContainer(0, functionId, parent, missing);
      return memory.container(0).aloneBytes;
    };
    return { whole: bytesOf(NONE, packages), forked: bytesOf(0, new Int32Array(0)) };
  });
}

/** The least share of its time on an idle machine that a run takes: the fastest one measured. */
export function shortestRun({ costs: { runScale } }: Costs): number {
  const fastest = runScale.sample?.[0] ?? runScale.value / runScale.spread ** 3;
  return Math.min(1, fastest);
}
