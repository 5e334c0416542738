import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SLOWNESS } from "../../slowness.js";
import type { Request } from "../workloads.js";

/** Pinned, as the golden table is this version's. The numpy is the newest for Python 3.10 to 3.13. */
export const VERSION = "0.3.5";
const PACKAGES = [`libcachesim==${VERSION}`, "numpy==2.2.6"];
/** The caches need neither the readers of remote traces nor pytest, which the package names as well. */
const PIP = [
  ...["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
  ...["--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=15"],
];
const INSTALL_TIMEOUT_MS = 90_000 * SLOWNESS;
const REPLAY_TIMEOUT_MS = 60_000 * SLOWNESS;
const SCRIPT = join(import.meta.dirname, "replay.py");

/** One cache, and the requests that it gets. */
export interface Replay {
  /** Class of libcachesim, such as `LRU`. */
  readonly algorithm: string;
  /** Arguments of its constructor, such as `window_size`. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly capacityBytes: number;
  readonly requests: readonly Request[];
}

/** libcachesim in a temporary folder. */
export interface Installed {
  /** One character per request: "1" for a hit, "0" for a miss. */
  replay(replays: readonly Replay[]): readonly string[];
  remove(): void;
}

/** Installs libcachesim in a temporary folder; text: the reason why that is impossible. */
export function installLibcachesim(): Installed | string {
  if (spawnSync("python3", ["-I", "-m", "pip", "--version"]).status !== 0)
    return "no python3 with pip";
  const folder = mkdtempSync(join(tmpdir(), "socklab-libcachesim-"));
  const remove = () => rmSync(folder, { recursive: true });
  const options = { timeout: INSTALL_TIMEOUT_MS };
  if (spawnSync("python3", [...PIP, "--target", folder, ...PACKAGES], options).status !== 0) {
    remove();
    return `pip cannot install ${PACKAGES.join(" and ")}`;
  }
  const env = { ...process.env, PYTHONPATH: folder };
  if (spawnSync("python3", ["-c", "import libcachesim"], { env }).status !== 0) {
    remove();
    return `this machine's Python cannot load ${PACKAGES.join(" and ")}`;
  }
  return { replay: (replays) => replayIn(folder, replays), remove };
}

/** A process for these caches only, with a time limit: some algorithms abort on unusual input. */
function replayIn(folder: string, replays: readonly Replay[]): readonly string[] {
  const input = JSON.stringify(replays);
  const env = { ...process.env, PYTHONPATH: folder };
  const options = { input, env, timeout: REPLAY_TIMEOUT_MS, maxBuffer: 2 ** 26 };
  const { status, stdout, stderr } = spawnSync("python3", [SCRIPT], options);
  if (status !== 0) throw new Error(`replay.py ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.toString());
}
