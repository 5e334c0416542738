import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalogue, Package } from "../../src/contract/workload.js";
import { removeFolder } from "../../src/real/host/remove-folder.js";
import { cleanUp, unmountAll } from "../../src/real/leftovers.js";
import { writeWheels } from "../../src/real/made-up/wheels.js";
import { stateLayout } from "../../src/real/state/instance.js";
import { makePackage } from "../engine/harness.js";

/** Number of packages to install. Functions import the first ones. */
export const PACKAGES = 40;

const CATALOGUE: Catalogue = {
  source: "chaos",
  packages: Array.from(
    { length: PACKAGES },
    (_, n): Package => makePackage({ name: `p${n}`, diskBytes: 50_000, importUs: 2_000 }),
  ),
};

/** The folders of a run: wheels, and one state folder per round. */
export class Stage {
  readonly wheels: string;
  readonly #folder: string;
  #states = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.wheels = join(folder, "wheels");
  }

  static async make(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "socklab-chaos-"));
    chmodSync(folder, 0o755); // installers and containers run as users without rights
    const stage = new Stage(folder);
    await writeWheels(stage.wheels, CATALOGUE);
    return stage;
  }

  /**
   * Calls `use` with the path of a new folder for a state folder, and removes everything
   * afterwards, even if a worker died. The worker must have ended by then.
   */
  async withState<T>(bytes: number | undefined, use: (disk: string) => Promise<T>): Promise<T> {
    const disk = join(this.#folder, `disk-${this.#states++}`);
    mkdirSync(disk, { mode: 0o755 });
    if (bytes !== undefined) {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=0755`, "chaos", disk]);
    }
    try {
      return await use(disk);
    } finally {
      const layout = stateLayout(stateOn(disk));
      await cleanUp(layout);
      await unmountAll(layout.containers);
      if (bytes !== undefined) execFileSync("umount", ["--lazy", disk]);
      await removeFolder(disk);
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The state folder of a worker whose disk is `disk`. */
export function stateOn(disk: string): string {
  return join(disk, "state");
}
