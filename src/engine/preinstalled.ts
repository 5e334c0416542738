import type { Operations } from "../contract/backend.js";
import type { PackageId } from "../contract/package-set.js";
import { InstallCache } from "./install-cache.js";
import { type EngineSetup, EngineState } from "./state.js";

/** Packages that are on disk at time 0: those that the policy wants there, as far as they fit. */
export function preinstalled(setup: Omit<EngineSetup, "operations">): readonly PackageId[] {
  const state = new EngineState({ ...setup, operations: NO_OPERATIONS });
  new InstallCache(state).preinstall();
  return setup.packages.flatMap((_, id) => (state.installs.isInstalled(id) ? [id] : []));
}

/** For a state that is only read. */
const NO_OPERATIONS: Operations = {
  install() {},
  uninstall() {},
  createZygote() {},
  createContainer() {},
  run() {},
  pause() {},
  destroyContainer() {},
  destroyZygote() {},
};
