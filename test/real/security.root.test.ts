import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { NETWORKS } from "../../src/real/sandboxes/sandboxes.js";
import { testWithParts } from "./machine-parts.js";
import { askChild, describeReal, leftovers, type Stand, stand } from "./stand.js";

const ATTEMPTS = readFileSync(new URL("attempts.py", import.meta.url), "utf8");
const NOTHING = new Int32Array(0);
const NOT_PERMITTED = "Operation not permitted";
const READ_ONLY = "Read-only file system";
const DENIED = "Permission denied";
const NO_FILE = "No such file or directory";

/** Answers of a kernel that was built without a family, or without a protocol of netlink or TCP. */
const NO_FAMILY = "Address family not supported by protocol";
const NO_PROTOCOL = "Protocol not supported";

interface Sockets {
  readonly families: Readonly<Record<string, string>>;
  readonly netlink: Readonly<Record<string, string>>;
  readonly mptcp: readonly string[];
  readonly pairs: Readonly<Record<string, unknown>>;
}

interface Status {
  readonly user: readonly number[];
}

let open: Stand | undefined;
let invocations = 0;

afterEach(async () => {
  const folder = open?.folder;
  await open?.close();
  open = undefined;
  if (folder !== undefined) expect(leftovers(folder)).toEqual([]);
});

/** Two containers of two functions, forked from a Zygote or started cold. */
async function two(isForked: boolean, options: Parameters<typeof stand>[2] = {}): Promise<Stand> {
  const made = stand([ATTEMPTS, ATTEMPTS], [], options);
  open = made;
  if (isForked) {
    await made.driver.perform(() => made.backend.createZygote(0, NONE, NOTHING));
  }
  for (const id of [0, 1]) {
    const status = await made.statusOf(() =>
      made.backend.createContainer(id, id, isForked ? 0 : NONE, NOTHING),
    );
    expect([status, ...made.problems]).toEqual(["ok"]);
  }
  return made;
}

/** This machine's own addresses, without loopback's. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each!)
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}

/** Performs an attempt in one container, and resolves with its answer. */
async function tries<Answer = unknown>(
  made: Stand,
  container: number,
  attempt: string,
  more: object = {},
): Promise<Answer> {
  const invocation = invocations++;
  made.events.set(invocation, { attempt, ...more });
  await made.driver.perform(() => made.backend.run(container, invocation, 0, false));
  const ran = made.ran.get(invocation)!;
  expect(ran.message).toBe("");
  return ran.answer as Answer;
}

/**
 * Tries to connect to abstract sockets: to one of the machine, to one of container 0 from container
 * 1, and to that one from container 0 itself.
 */
async function connectAbstract(made: Stand): Promise<string[]> {
  // As long as a name can be, since some versions of Node fill shorter ones up.
  const name = `socklab-${process.pid}`.padEnd(107, "x");
  const server = createServer().listen(`\0${name}`);
  await new Promise((resolve) => server.once("listening", resolve));
  const mine = `socklab-mine-${process.pid}`;
  expect(await tries(made, 0, "listenAbstract", { name: mine })).toBe("listening");
  const answers = [
    await tries<string>(made, 0, "connectAbstract", { name }),
    await tries<string>(made, 1, "connectAbstract", { name: mine }),
    await tries<string>(made, 0, "connectAbstract", { name: mine }),
  ];
  server.close();
  return answers;
}

for (const isForked of [true, false]) {
  describeReal(`a container ${isForked ? "forked from a Zygote" : "started cold"}`, () => {
    test("writes to scratch and /tmp only, and scratch is its own", async () => {
      const made = await two(isForked);
      const outside = ["/x", "/usr/x", "/etc/passwd", "/handler/f.py", "/packages/x", "/guest/x"];
      const answers = await tries<string[]>(made, 0, "write", { paths: outside });
      for (const answer of answers) expect([READ_ONLY, DENIED]).toContain(answer);
      const inside = ["/scratch/mine", "/tmp/mine too"];
      expect(await tries(made, 0, "write", { paths: inside })).toEqual(["written", "written"]);
      expect(await tries(made, 1, "read", { paths: ["/scratch"] })).toEqual([[]]);
    });

    test("finds an empty scratch after an earlier container left data in it", async () => {
      const made = await two(isForked, { readySlots: 0 });
      await tries(made, 0, "write", { paths: ["/scratch/secret"] });
      await made.driver.perform(() => made.backend.destroyContainer(0));
      await made.driver.perform(() =>
        made.backend.createContainer(0, 1, isForked ? 0 : NONE, NOTHING),
      );
      expect(await tries(made, 0, "read", { paths: ["/scratch"] })).toEqual([[]]);
    });

    test("does not see the machine's files, processes or another function's code", async () => {
      const made = await two(isForked);
      const hidden = [
        made.folder,
        `/proc/${process.pid}`,
        "/sys/fs",
        "/root/.ssh",
        "/work",
        "/var",
      ];
      for (const answer of await tries<string[]>(made, 0, "read", { paths: hidden })) {
        expect(answer).toBe("No such file or directory");
      }
      expect(await tries(made, 0, "read", { paths: ["/handler"] })).toEqual([["f.py", "f.pyc"]]);
    });

    test("cannot signal its neighbour, its Zygote, the worker or init", async () => {
      const made = await two(isForked);
      const pids = [made.backend.processOf(1), process.pid, process.ppid, 2, -1];
      for (const answer of await tries<string[]>(made, 0, "kill", { pids })) {
        expect(answer).toBe("No such process");
      }
      expect(await tries(made, 1, "pid")).toBe(1);
    });

    test("is refused every system call that changes roots, mounts, namespaces, other processes or the machine's memory", async () => {
      const made = await two(isForked);
      const { clone3, ...others } = await tries<Record<string, string>>(made, 0, "calls");
      expect(clone3).toBe("Function not implemented");
      for (const [name, answer] of Object.entries(others)) {
        expect([name, answer]).toEqual([name, NOT_PERMITTED]);
      }
      expect(await tries(made, 0, "device")).toBe(NOT_PERMITTED);
    });

    for (const network of NETWORKS) {
      test(`makes only sockets of four families on network ${network}`, async () => {
        const made = await two(isForked, { network });
        const found = await tries<Sockets>(made, 0, "sockets");
        const families = Object.entries(found.families).filter(([, what]) => what !== NO_FAMILY);
        // AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
        expect(families).toEqual(["1", "2", "10", "16"].map((family) => [family, "made"]));
        const netlink = Object.entries(found.netlink).filter(([, what]) => what !== NO_PROTOCOL);
        expect(netlink).toEqual([["0", "made"]]); // NETLINK_ROUTE
        expect(found.mptcp).toEqual([NO_PROTOCOL, NO_PROTOCOL]);
        expect(found.pairs).toEqual({ 1: 2, 30: NO_FAMILY, 40: NO_FAMILY });
        if (network === "none") return;
        const [names, interfaces, talked] = await tries<[string[], string[], string]>(
          made,
          0,
          "useSockets",
        );
        expect([names, interfaces.includes("lo"), talked]).toEqual([["127.0.0.1"], true, "talked"]);
      });
    }

    test.skipIf(process.arch !== "x64")(
      "makes no system call by the entries of 32-bit programs and of x32",
      async () => {
        const made = await two(isForked);
        expect(await tries(made, 0, "x32")).toBe("Function not implemented");
        made.events.set(invocations, { attempt: "enterAs32Bit" });
        expect(await made.statusOf(() => made.backend.run(0, invocations, 0, false))).toBe(
          "failed",
        );
        expect(made.ran.get(invocations++)!.message).toMatch(/ended by signal (31|11)$/); // SIGSYS; SIGSEGV: no such entry
      },
    );

    test("does not climb out of its root", async () => {
      const made = await two(isForked);
      const [chroot, found] = await tries<[string, string[]]>(made, 0, "climb");
      expect(chroot).toBe(NOT_PERMITTED);
      expect(found).toContain("handler");
      expect(found).not.toContain("sys");
    });

    test("finds nothing of its neighbour or of the machine in /proc, and can change nothing there", async () => {
      const made = await two(isForked);
      if (!made.backend.sandboxes.showsProcesses) return;
      const secret = `secret-of-${made.backend.processOf(1)}`;
      made.envs[invocations] = { SECRET: secret };
      await tries(made, 1, "pid");
      const found = await tries<Record<string, unknown>>(made, 0, "proc", { secret });
      expect(found).toMatchObject({
        numbers: [1],
        secret: false,
        roots: ["/"],
        throughRoot: true,
        throughUp: true,
        mounts: [0, 0, 0],
        namespaces: NOT_PERMITTED,
      });
      for (const [name, answer] of Object.entries(found["hidden"] as Record<string, unknown>)) {
        expect([0, DENIED, NOT_PERMITTED, NO_FILE], name).toContain(answer);
      }
      for (const [name, answer] of Object.entries(found["written"] as Record<string, unknown>)) {
        expect([READ_ONLY, DENIED, NO_FILE], name).toContain(answer);
      }
      expect([NOT_PERMITTED, DENIED]).toContain(found["mappedFiles"]);
    });

    test("cannot change a terminal's line discipline, or put input into a terminal", async () => {
      const made = await two(isForked);
      expect(await tries(made, 0, "terminal")).toEqual([NOT_PERMITTED, NOT_PERMITTED]);
    });

    test("has its own user, no capability, no way to get one, and one descriptor", async () => {
      const made = await two(isForked);
      const [mine, other] = [
        await tries<Status>(made, 0, "status"),
        await tries<Status>(made, 1, "status"),
      ];
      expect(mine).toMatchObject({
        groups: [],
        pid: 1,
        fds: [0, 1, 2, 3],
        becomeRoot: NOT_PERMITTED,
        otherUser: NOT_PERMITTED,
        noNewPrivileges: 1,
        seccomp: 2,
        bounding: [],
        ambient: [],
      });
      expect(mine.user).not.toEqual(other.user);
      expect(mine.user[0]).toBeGreaterThanOrEqual(200_000);
    });

    test("a fork bomb ends at the limit, harms no other container and dies with its own", async () => {
      const limits = { memoryBytes: 256 << 20, cores: 1, processes: 20 };
      const made = await two(isForked, { containerLimits: limits });
      const [children, why] = await tries<[number, string]>(made, 0, "forkBomb");
      expect(children).toBe(19);
      expect(why).toBe("Resource temporarily unavailable");
      expect(await tries(made, 1, "pid")).toBe(1);
      expect(await made.statusOf(() => made.backend.destroyContainer(0))).toBe("ok");
    });

    test("fills its scratch, not the disk", async () => {
      const made = await two(isForked, { scratchBytes: 8 << 20 });
      expect(await tries(made, 0, "fill")).toEqual([8 << 20, "No space left on device"]);
    });

    testWithParts(
      ["Landlock"],
      "reaches no abstract socket of the machine or of another container, only its own",
      async () => {
        expect(await connectAbstract(await two(isForked))).toEqual([
          ...[NOT_PERMITTED, NOT_PERMITTED],
          "connected",
        ]);
      },
    );

    test("with a private network finds only its own abstract socket", async () => {
      expect(await connectAbstract(await two(isForked, { network: "private" }))).toEqual([
        ...["Connection refused", "Connection refused"],
        "connected",
      ]);
    });

    test("moves and links files between folders of its scratch", async () => {
      const made = await two(isForked);
      expect(await tries(made, 0, "move")).toEqual(["moved", "linked"]);
    });

    test("with a private network has loopback and all ports to itself, and no way out", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      const made = await two(isForked, { network: "private" });
      const connect = (container: number, host: string, to: number) =>
        tries(made, container, "connectTo", { address: [host, to] });
      // the machine's server
      expect(await connect(0, "127.0.0.1", port)).toBe("Connection refused");
      server.close();
      // the same port in both, then a port that only the first has
      for (const container of [0, 1]) {
        expect(await tries(made, container, "listenAt", { port })).toBe("listening");
      }
      const mine = port === 8080 ? 8081 : 8080;
      expect(await tries(made, 0, "listenAt", { port: mine })).toBe("listening");
      expect(await connect(0, "127.0.0.1", mine)).toBe("connected");
      expect(await connect(1, "127.0.0.1", mine)).toBe("Connection refused");
      for (const host of ownAddresses()) {
        expect(await connect(0, host, port)).toBe("Network is unreachable");
      }
    });

    test("finds nothing of the earlier container that had its private network", async () => {
      const made = await two(isForked, { network: "private", readySlots: 1 });
      for (let life = 0; life < 3; life++) {
        expect(await tries(made, 0, "listenAt", { port: 8080 })).toBe("listening");
        expect(await tries(made, 0, "talk", { port: 8081 })).toBe("talked");
        await made.driver.perform(() => made.backend.destroyContainer(0));
        expect(
          await made.statusOf(() =>
            made.backend.createContainer(0, 0, isForked ? 0 : NONE, NOTHING),
          ),
        ).toBe("ok");
      }
    });

    test("without a network reaches no port of the machine, the worker's included", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      const made = await two(isForked, { network: "none" });
      const answer = await tries<string>(made, 0, "connect", { port });
      server.close();
      expect(answer).toBe("Network is unreachable");
    });
  });
}

describeReal("this machine's own", () => {
  testWithParts(["detached mounts"], "mount table stays as it was", async () => {
    const before = readFileSync("/proc/self/mounts", "utf8");
    const made = await two(true);
    expect(existsSync(join(made.folder, "functions"))).toBe(true);
    expect(readFileSync("/proc/self/mounts", "utf8")).toBe(before);
  });
});

describeReal("a package that a Zygote imports", () => {
  test("reaches no port of the machine if containers have no network or a private one", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const source = `import socket
try:
    socket.create_connection(("127.0.0.1", ${port}), timeout=1).close()
    found = "connected"
except OSError as error:
    found = type(error).__name__
`;
    for (const [network, found] of [
      ["host", "connected"],
      ["none", "OSError"],
      ["private", "ConnectionRefusedError"],
    ] as const) {
      open = stand(["import p0\ndef f(event): return p0.found"], [source], { network });
      const { backend, ran } = open;
      await open.driver.perform(() => backend.install(0));
      await open.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
      await open.driver.perform(() => backend.createZygote(1, 0, Int32Array.of(0)));
      await askChild(open, 0, 1);
      expect([network, ran.get(0)!.answer]).toEqual([network, found]);
      await open.close();
      open = undefined;
    }
    server.close();
  });
});
