import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test, vi } from "vitest";
import { isRoot } from "./needs.js";

const PIP = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
const FETCH_TIMEOUT_MS = 90_000;

/** Tests with uv: the one on PATH, or one fetched for this file; they say so where there is neither. */
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

/** `folder`: of a fetched one; undefined: it is on PATH, or there is a reason why it is nowhere. */
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
