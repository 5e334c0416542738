import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { INSTALL_UID } from "../../../src/real/host/guest-users.js";
import { loadNative } from "../../../src/real/host/native.js";
import { refuseGuests } from "../../../src/worker/connection-guard.js";
import { temporaryFolder } from "../../cli/run-cli.js";
import { liveStand } from "../../worker/live-stand.js";
import { uvTests } from "../find-uv.js";
import { hasPart } from "../machine-parts.js";
import { testWithPip } from "../needs.js";
import { describeReal } from "../stand.js";

const BACKEND = new URL("hostile.py", import.meta.url).pathname;
const PROJECT = '[build-system]\nrequires = []\nbuild-backend = "hostile"\nbackend-path = ["."]\n';
const GONE = "No such file or directory";

interface Found {
  readonly read: Readonly<Record<string, unknown>>;
  readonly write: Readonly<Record<string, string>>;
  readonly kill: Readonly<Record<string, string>>;
  readonly environment: readonly string[];
}

/** Packs the hostile source archive with its attempts into a folder. */
function writeSource(index: string, attempts: object): void {
  const top = join(index, "build", "hostile-1.0");
  mkdirSync(top, { recursive: true });
  copyFileSync(BACKEND, join(top, "hostile.py"));
  writeFileSync(join(top, "attempts.json"), JSON.stringify(attempts));
  writeFileSync(join(top, "pyproject.toml"), PROJECT);
  const archive = join(index, "hostile-1.0.tar.gz");
  execFileSync("tar", ["-czf", archive, "-C", join(index, "build"), "hostile-1.0"]);
}

/** Starts a server that closes the connections of guests, as the worker does. */
async function guardedPort(): Promise<number> {
  const server = createServer((_request, response) => response.end("served"));
  refuseGuests(server, loadNative());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

async function abstractSocket(): Promise<string> {
  const name = `socklab-install-${process.pid}`.padEnd(107, "x");
  const server = createSocket().listen(`\0${name}`);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return name;
}

describeReal("a package's build script", () => {
  const claim = "sees one staging folder and the index, and nothing of the machine or the worker";
  testWithPip(`run by pip, ${claim}`, lookAround);
  uvTests()(`run by uv, ${claim}`, lookAround);
});

async function lookAround(): Promise<void> {
  const index = await temporaryFolder();
  chmodSync(index, 0o755);
  vi.stubEnv("SOCKLAB_TEST_SECRET", "mine");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { layout, ask } = await liveStand({ index: { kind: "folder", path: index } });
  const others = join(layout.staging, "other==1.0.9");
  mkdirSync(others);
  writeFileSync(join(others, "secret"), "");
  const hidden = [
    "/etc/shadow",
    layout.root,
    layout.lock,
    others,
    "/proc/1",
    "/proc/self",
    "/sys",
    "/root",
  ];
  const readOnly = ["/usr/x", "/etc/passwd", "/index/x", "/x"];
  const sleepSeconds = `${90_000 + (process.pid % 1000)}`;
  writeSource(index, {
    read: hidden,
    write: readOnly,
    kill: [process.pid, 2_000_000],
    port: await guardedPort(),
    abstract: await abstractSocket(),
    sleepSeconds,
  });
  const path = "/registry/h?requirements=hostile==1.0";
  const put = await ask("PUT", path, "import hostile\ndef f(event): return hostile.FOUND\n");
  expect(put.status, put.text).toBe(201);
  const found = JSON.parse((await ask("POST", "/run/h")).text) as Found;
  expect(found.read).toEqual(Object.fromEntries(hidden.map((each) => [each, GONE])));
  for (const [file, answer] of Object.entries(found.write)) {
    expect(["Read-only file system", "Permission denied"], file).toContain(answer);
  }
  expect(Object.values(found.kill)).toEqual(["No such process", "No such process"]);
  expect(found).toMatchObject({
    worker: expect.stringMatching(/^$|reset/),
    abstract: hasPart("Landlock") ? "Operation not permitted" : "connected",
    root: "Operation not permitted",
    user: INSTALL_UID,
    staging: ["home", "site-packages"],
    left: "left",
  });
  expect(found.environment).not.toContain("SOCKLAB_TEST_SECRET");
  expect(sleeping(sleepSeconds)).toEqual([]);
  expect(readdirSync(layout.staging)).toEqual(["other==1.0.9"]);
}

/** Ids of the processes that sleep for so many seconds. */
function sleeping(seconds: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${seconds}\0`;
    } catch {
      return false; // it ended during the search
    }
  });
}
