import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { loadNative } from "../../src/real/host/native.js";
import { findPython } from "../../src/real/host/python.js";
import { describeReal, type Stand, stand } from "./stand.js";

const SOURCE = readFileSync(new URL("sandbox-contents.py", import.meta.url), "utf8");
const NOTHING = new Int32Array(0);
const MIB = 1 << 20;

/** A test of /proc. On Linux before 6.17, which cannot show it, it is skipped and says so. */
function testWithProcesses(name: string, body: () => Promise<void>): void {
  if (loadNative().choosesProcesses()) test(name, body);
  else test.skip(`${name} [skipped: Linux before 6.17]`, () => {});
}

let open: Stand | undefined;
let invocations = 0;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function containers(isForked: boolean, options: Parameters<typeof stand>[2] = {}) {
  const made = stand([SOURCE, SOURCE], [], options);
  open = made;
  if (isForked) await made.driver.perform(() => made.backend.createZygote(0, NONE, NOTHING));
  for (const id of [0, 1]) {
    const zygote = isForked ? 0 : NONE;
    const begin = () => made.backend.createContainer(id, id, zygote, NOTHING);
    expect([await made.statusOf(begin), ...made.problems]).toEqual(["ok"]);
  }
  return async (container: number, event: object): Promise<unknown> => {
    const invocation = invocations++;
    made.events.set(invocation, event);
    await made.driver.perform(() => made.backend.run(container, invocation, 0, false));
    const { message, answer } = made.ran.get(invocation)!;
    expect(message).toBe("");
    return answer;
  };
}

/** What plain Python on this machine prints for an expression. */
function plain(expression: string): unknown {
  const source = `import json, mimetypes, shutil, ssl\nprint(json.dumps(${expression}))`;
  const { stdout } = spawnSync(findPython().program, ["-I", "-c", source], { encoding: "utf8" });
  return JSON.parse(stdout);
}

for (const isForked of [true, false]) {
  describeReal(`in a container ${isForked ? "forked from a Zygote" : "started cold"}`, () => {
    test("Python finds what it finds on the machine: CA certificates, alternatives, MIME types, services", async () => {
      const does = await containers(isForked);
      const expected: Record<string, unknown> = {
        certificates: plain("ssl.create_default_context().cert_store_stats()['x509_ca']"),
        awk: "42\n",
        which: plain("shutil.which('awk', path='/usr/local/bin:/usr/bin:/bin')"),
        mime: plain("mimetypes.guess_type('a.docx')[0]"),
        service: [443, 1],
        processors: expect.stringContaining("processor\t: 0"),
      };
      for (const [name, value] of Object.entries(expected)) {
        expect([name, await does(0, { do: name })]).toEqual([name, value]);
      }
    });

    test("the user has a name and a home, and files can be written where the function is", async () => {
      const does = await containers(isForked);
      expect(await does(0, { do: "user" })).toEqual([true, "/scratch", "/scratch", true]);
      expect(await does(0, { do: "writeHere" })).toEqual(["/scratch", true]);
    });

    test("multiprocessing's Lock, Queue, Pool and SharedMemory work, and 100 threads", async () => {
      const does = await containers(isForked);
      expect(await does(0, { do: "lock" })).toBe(true);
      expect(await does(0, { do: "queue" })).toBe("sent");
      expect(await does(0, { do: "pools" })).toEqual([
        [1, 4, 9],
        [1, 4, 9],
      ]);
      expect(await does(0, { do: "sharedMemory" })).toBe(42);
      expect(await does(0, { do: "threads" })).toBe(100);
    });

    test("shared memory is bounded by scratch and seen by no other container", async () => {
      const does = await containers(isForked, { scratchBytes: 8 * MIB });
      const full = [8 * MIB, "No space left on device"];
      expect(await does(0, { do: "fillShm", bytes: 64 * MIB })).toEqual(full);
      await does(0, { do: "writeHere" });
      expect(await does(1, { do: "shm" })).toEqual([]);
    });

    testWithProcesses(
      "/proc shows its own processes and threads only, and its children",
      async () => {
        const does = await containers(isForked);
        const shell = ["dash", "bash", "sh", "busybox"];
        expect(await does(0, { do: "processes" })).toEqual({
          numbers: [1],
          self: "1",
          python: realpathSync(findPython().program),
          child: expect.toBeOneOf(shell),
          threads: 1,
          files: [0, 1, 2, 3],
          memory: true,
          stat: true,
        });
      },
    );

    test("a pseudo-terminal works, is seen by no other container, and 16 are the most", async () => {
      const does = await containers(isForked);
      expect(await does(0, { do: "terminal" })).toEqual(["line\n", "/dev/pts/0", ["ptmx"]]);
      expect(await does(0, { do: "terminals" })).toBe(16);
      expect(await does(1, { do: "terminal" })).toEqual(["line\n", "/dev/pts/0", ["ptmx"]]);
    });

    test("/etc shows no private key, and neither it nor /proc can be changed", async () => {
      const does = await containers(isForked);
      expect(await does(0, { do: "privateKeys" })).toEqual([]);
      for (const answer of (await does(0, { do: "changeEtc" })) as string[]) {
        expect(["Read-only file system", "Permission denied"]).toContain(answer);
      }
    });
  });
}
