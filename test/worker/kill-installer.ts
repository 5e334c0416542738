import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished } from "vitest";
import { pidsWhere } from "./guests.js";
import { liveStand } from "./live-stand.js";

/** Kills the tool that installs a package while it waits for the index. */
export function killInstaller(): Promise<void> {
  return interruptInstaller("SIGKILL", /alpha==1.0: not installed: \w+ was killed/);
}

/** Stops the tool that installs a package while it waits for the index. */
export function stopInstaller(): Promise<void> {
  return interruptInstaller("SIGSTOP", /alpha==1.0: not installed: \w+ was stopped/);
}

async function interruptInstaller(signal: NodeJS.Signals, reason: RegExp): Promise<void> {
  const { index, asked } = await silentIndex();
  const { layout, ask, expectNothingCharged } = await liveStand({ index });
  const put = ask("PUT", "/registry/needs?requirements=alpha==1.0", "import pkg_alpha\n");
  await asked;
  const installers = pidsWhere((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0alpha==1.0"),
  );
  expect(installers).not.toEqual([]);
  for (const pid of installers) process.kill(pid, signal);
  const { status, text } = await put;
  expect([status, text]).toEqual([503, expect.stringMatching(reason)]);
  await expect.poll(() => readdirSync(layout.staging)).toEqual([]);
  expect(readdirSync(layout.packages)).toEqual([]);
  await ask("PUT", "/registry/one", "def f(event): return 1\n");
  expect((await ask("POST", "/run/one")).text).toBe("1");
  await expectNothingCharged();
}

/**
 * An index that accepts connections and never answers. `asked` resolves at the first connection.
 */
async function silentIndex() {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const index = { kind: "url", url: `http://127.0.0.1:${port}/simple` } as const;
  return { index, asked: once(server, "connection") };
}
