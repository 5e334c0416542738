import type { Leftovers } from "../real/leftovers.js";
import { openState, type StateSetup } from "../real/open-state.js";
import { LiveEngine, type LiveSetup } from "./live-engine.js";

export type WorkerSetup = StateSetup &
  Pick<
    LiveSetup,
    "base" | "config" | "journal" | "makePolicies" | "onProblem" | "options" | "places"
  >;

export interface OpenWorker {
  readonly engine: LiveEngine;
  /** Folder where uploads are unpacked. */
  readonly staging: string;
  readonly leftovers: Leftovers | undefined;
  /** Ends everything that still runs after the grace period, and leaves nothing on the machine. */
  close(graceMs: number): Promise<void>;
  /** Kills everything and leaves nothing on the machine, whatever state the engine is in. */
  abandon(): Promise<void>;
}

/** Opens a state folder, and starts a live engine in it. Errors: those of `openState`. */
export async function openWorker(setup: WorkerSetup): Promise<OpenWorker> {
  const state = await openState(setup);
  try {
    const engine = new LiveEngine({ ...setup, ...state });
    const close = async (graceMs: number) => {
      await engine.close(graceMs);
      await state.release();
    };
    const abandon = () => {
      engine.abandon();
      return state.abandon();
    };
    return { engine, staging: state.layout.staging, leftovers: state.leftovers, close, abandon };
  } catch (error) {
    await state.release();
    throw error;
  }
}
