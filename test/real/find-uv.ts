import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test, vi } from "vitest";
import { isRoot } from "./needs.js";

const PIP = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
const FETCH_TIMEOUT_MS = 90_000;

/**
 * Makes tests that need uv: the one on PATH, or one that is downloaded for the test file. If there
 * is neither, the tests are skipped and say so.
 */
export function uvTests(): (name: string, body: () => Promise<void>) => void {
  const { folder, reason } = findUv();
  return (name, body) => {
    if (reason !== undefined) {
      test.skip(`${name} [skipped: ${reason}]`, () => {});
      return;
    }
    test(name, async () => {
      const { PATH } = process.env;
      if (folder !== undefined) vi.stubEnv("PATH", `${folder}:${PATH}`);
      try {
        await body();
      } finally {
        vi.unstubAllEnvs();
      }
    });
  };
}

/**
 * `folder`: where a downloaded uv is; undefined: uv is on PATH, or `reason` says why there is no
 * uv.
 */
function findUv(): { readonly folder?: string; readonly reason?: string } {
  if (!isRoot) return { reason: "not root" };
  if (spawnSync("uv", ["--version"]).status === 0) return {};
  const target = mkdtempSync(join(tmpdir(), "socklab-uv-"));
  chmodSync(target, 0o755);
  afterAll(() => rmSync(target, { recursive: true }));
  const options = { timeout: FETCH_TIMEOUT_MS };
  const { status } = spawnSync("python3", [...PIP, "--target", target, "uv"], options);
  if (status !== 0) return { reason: "no uv on PATH, and pip cannot fetch it" };
  return { folder: join(target, "bin") };
}
