import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type StateLayout, stateLayout } from "../../src/real/state/instance.js";
import { temporaryFolder } from "../cli/run-cli.js";

/** A state folder in a folder that every user may enter. It is removed after the test. */
export async function temporaryState(): Promise<{ folder: string; layout: StateLayout }> {
  const folder = await temporaryFolder();
  chmodSync(folder, 0o755);
  return { folder, layout: stateLayout(join(folder, "state")) };
}
