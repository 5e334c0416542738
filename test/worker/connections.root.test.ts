import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { kill, startWorker, wheelsFolder } from "./worker-process.js";

/** Asks the worker to forget a function: waits for the answer, closes at once, or resets at once. */
const INTRUDER = `import socket, struct
ASKED = b"DELETE /registry/victim HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n"
def intrude(port, to, source, manner):
    with socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET) as near:
        near.settimeout(5)
        if source:
            near.bind((source, 0))
        near.connect((to, port))
        near.sendall(ASKED)
        if manner == "resets":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return near.recv(100).decode() if manner == "waits" else ""
def f(event):
    answers = []
    for to, source in event["ways"]:
        for manner in ("waits", "closes", "resets"):
            try:
                answers.append(intrude(event["port"], to, source, manner))
            except ConnectionError:
                answers.append("")
    return answers
`;

describeReal("with the host's network, the worker's port", () => {
  testWithPip(
    "closes the connections of guests, whatever address they come from or connect to",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const { ask, address } = await startWorker(state, wheels, "--host", "::");
      for (const [name, source] of [
        ["victim", "def f(event): return 1"],
        ["intruder", INTRUDER],
      ] as const) {
        expect((await ask("PUT", `/registry/${name}`, source)).status).toBe(201);
      }
      const own = Object.values(networkInterfaces())
        .flatMap((each) => each!)
        .map((each) => each.address)
        .filter((each) => !each.startsWith("fe80"));
      const ways = [
        ["127.0.0.1", ""],
        ["127.0.0.7", "127.0.0.9"],
        ["::ffff:127.0.0.1", ""],
        ...own.map((each) => [each, ""]),
      ];
      const port = Number(new URL(address).port);
      const tried = await ask("POST", "/run/intruder", JSON.stringify({ port, ways }));
      expect([tried.status, JSON.parse(tried.text)]).toEqual([
        200,
        ways.flatMap(() => ["", "", ""]),
      ]);
      expect((await ask("GET", "/registry/victim")).status).toBe(200);
    },
  );

  testWithPip("serves clients of this machine and of others", async () => {
    const { state, wheels } = await wheelsFolder();
    const { address } = await startWorker(state, wheels, "--host", "0.0.0.0");
    const url = (host: string) => `http://${host}:${new URL(address).port}/status`;
    expect((await fetch(url("127.0.0.1"))).status).toBe(200);
    const other = otherMachine();
    const program = `import urllib.request as u; print(u.urlopen("${url(other.here)}").status)`;
    expect(other.run("python3", "-c", program)).toBe("200\n");
  });
});

/**
 * A network namespace with one virtual wire to this machine. For the kernel it is another machine.
 */
function otherMachine() {
  const name = `socklab${process.pid}`;
  const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });
  ip("netns", "add", name);
  onTestFinished(() => {
    ip("netns", "del", name); // this also removes the wire
  });
  const [near, far] = [`sl${process.pid}a`, `sl${process.pid}b`];
  ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
  const here = "198.18.251.1";
  ip("addr", "add", `${here}/30`, "dev", near);
  ip("link", "set", near, "up");
  ip("-n", name, "addr", "add", "198.18.251.2/30", "dev", far);
  ip("-n", name, "link", "set", far, "up");
  return { here, run: (...argv: string[]) => ip("netns", "exec", name, ...argv) };
}

describeReal("a worker on a Unix socket", () => {
  testWithPip(
    "answers root there and listens nowhere else; the socket of a killed worker is taken over",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const path = join(await temporaryFolder(), "socket");
      const first = await startWorker(state, wheels, "--socket", path);
      expect(first.address).toBe(path);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(await statusOver(path)).toBe(200);
      const second = await runCli("worker", "--socket", path, "--state", `${state}2`);
      expect([second.exitCode, second.err]).toEqual([2, expect.stringContaining("in use")]);
      await kill(first.worker, "SIGKILL");
      const third = await startWorker(state, wheels, "--socket", path);
      expect(await statusOver(path)).toBe(200);
      expect(await kill(third.worker, "SIGTERM")).toBe(0);
      expect(existsSync(path)).toBe(false);
    },
  );
});

async function statusOver(socketPath: string): Promise<number | undefined> {
  const asked = request({ socketPath, path: "/status" }).end();
  const [response] = await once(asked, "response");
  response.resume();
  return response.statusCode;
}

describeReal("a place where the worker cannot listen", () => {
  testWithPip("is named, with exit code 2", async () => {
    const { state, wheels } = await wheelsFolder();
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    for (const [option, reason] of [
      [["--socket", join(folder, "file")], "there is a file"],
      [["--socket", join(folder, "none", "socket")], "cannot be listened on"],
      [["--port", String(port)], "EADDRINUSE"],
    ] as const) {
      const { exitCode, err } = await runCli(
        ...["worker", "--state", state, "--index", wheels],
        ...option,
      );
      expect([exitCode, err]).toEqual([2, expect.stringContaining(reason)]);
      expect(existsSync(state)).toBe(false);
    }
  });
});
