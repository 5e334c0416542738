import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { temporaryFolder } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { guestsNow, guestsOf } from "./guests.js";
import { killInstaller, stopInstaller } from "./kill-installer.js";
import { liveStand } from "./live-stand.js";

const ONE = "def f(event):\n    return 1\n";
const WITH_ALPHA = "import pkg_alpha\ndef f(event):\n    return pkg_alpha.__name__\n";
const SLOW = "import time\ndef f(event):\n    time.sleep(60)\n";
const SLOW_AND_SAYS_SO = `import time
def f(event):
    open("/scratch/begun", "w").close()
    time.sleep(60)
`;

describeReal("a full disk", () => {
  testWithPip("refuses uploads and installs, each with its reason, and nothing else", async () => {
    const { layout, ask, expectNothingCharged } = await liveStand({ stateBytes: 8 << 20 });
    expect((await ask("PUT", "/registry/one", ONE)).status).toBe(201);
    const filler = join(layout.root, "..", "filler");
    fill(filler);
    const put = await ask("PUT", "/registry/two", ONE);
    expect([put.status, put.text]).toEqual([507, expect.stringContaining("no space left")]);
    const archived = await ask("PUT", "/registry/two", await archive(1 << 20));
    expect([archived.status, archived.text]).toEqual([507, expect.stringContaining("no space")]);
    const installed = await ask("PUT", "/registry/three?requirements=alpha==1.0", WITH_ALPHA);
    expect([installed.status, installed.text]).toEqual([507, expect.stringMatching(/no space/i)]);
    const again = await ask("POST", "/run/one");
    expect([again.status, again.text]).toEqual([200, "1"]);
    await expectNothingCharged();
    expect(readdirSync(layout.staging)).toEqual([]);
    rmSync(filler);
    expect((await ask("PUT", "/registry/two", ONE)).status).toBe(201);
    expect((await ask("POST", "/run/two")).text).toBe("1");
  });

  testWithPip(
    "fails the install that fills it, and installs again when there is room",
    async () => {
      const { layout, ask, expectNothingCharged } = await liveStand({ stateBytes: 8 << 20 });
      const filler = join(layout.root, "..", "filler");
      // room for f.py and for the start of the install, not for the package's 20 kB
      fill(filler, 2 * 4096);
      const path = "/registry/three?requirements=alpha==1.0";
      const refused = await ask("PUT", path, WITH_ALPHA);
      expect([refused.status, refused.text]).toEqual([
        507,
        expect.stringMatching(/alpha==1.0: .*No space left/),
      ]);
      await expectNothingCharged();
      await expect.poll(() => readdirSync(layout.staging)).toEqual([]);
      rmSync(filler);
      expect((await ask("PUT", path, WITH_ALPHA)).status).toBe(201);
      expect((await ask("POST", "/run/three")).text).toBe('"pkg_alpha"');
    },
  );
});

/** Fills the file system of a path, except for `leave` bytes. */
function fill(path: string, leave = 0): void {
  const { bavail, bsize } = statfsSync(join(path, ".."));
  writeFileSync(path, Buffer.alloc(bavail * bsize - leave));
}

/** An upload that unpacks to this many bytes, and its handler. */
async function archive(bytes: number): Promise<Buffer> {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, "f.py"), ONE);
  writeFileSync(join(folder, "data"), Buffer.alloc(bytes));
  return execFileSync("tar", ["-czf", "-", "-C", folder, "."]);
}

describeReal("a damaged package folder", () => {
  for (const [how, damage] of [
    ["unreadable", (files: string) => chmodSync(files, 0)],
    [
      "replaced by a file",
      (files: string) => {
        renameSync(files, `${files}.aside`);
        writeFileSync(files, "");
      },
    ],
    [
      "without its module",
      (files: string) => rmSync(join(files, "pkg_alpha"), { recursive: true }),
    ],
  ] as const) {
    testWithPip(`${how}, fails each function that needs it, and no other`, async () => {
      const { layout, ask, problems, expectNothingCharged } = await liveStand({ zygotes: "sock" });
      await ask("PUT", "/registry/one", ONE);
      await ask("PUT", "/registry/needs?requirements=alpha==1.0", WITH_ALPHA);
      damage(join(layout.packages, "alpha==1.0", "site-packages"));
      const runs = await Promise.all(
        ["needs", "one", "needs", "one"].map((name) => ask("POST", `/run/${name}`)),
      );
      expect(runs.map(({ status }) => status)).toEqual([500, 200, 500, 200]);
      expect(problems.join()).toMatch(/pkg_alpha/);
      await expectNothingCharged();
    });
  }
});

describeReal("a handler or process that dies, hangs or hangs up", () => {
  for (const zygotes of ["none", "root"] as const) {
    const how = zygotes === "none" ? "fresh" : "forked";
    testWithPip(`gives only its own request a clear error, ${how}`, async () => {
      const options = { runTimeoutMs: 400 };
      const { ask, expectNothingCharged } = await liveStand({ zygotes, options });
      await ask("PUT", "/registry/one", ONE);
      await ask("PUT", "/registry/hangs", SLOW);
      await ask("PUT", "/registry/hangsUp", "import os\ndef f(event): os.close(3)\n");
      await ask("PUT", "/registry/spins", "def f(event):\n    while True: pass\n");
      const asked = ["hangs", "one", "hangsUp", "one", "spins", "one"];
      const runs = await Promise.all(asked.map((name) => ask("POST", `/run/${name}`)));
      expect(runs.map(({ status }) => status)).toEqual([504, 200, 500, 200, 504, 200]);
      await expectNothingCharged();
    });
  }

  testWithPip("killed in the middle of a request, it fails only that request", async () => {
    const { layout, ask, expectNothingCharged } = await liveStand({ zygotes: "root" });
    await ask("PUT", "/registry/slow", SLOW_AND_SAYS_SO);
    await ask("PUT", "/registry/one", ONE);
    await ask("POST", "/run/one"); // now the root Zygote lives
    const lost = ask("POST", "/run/slow");
    // If it were killed earlier, its start would have failed, and a failed start is tried once
    // more.
    await expect.poll(() => begunNow(layout.lock).length).toBe(1);
    process.kill(begunNow(layout.lock)[0], "SIGKILL");
    const { status, text } = await lost;
    expect([status, text]).toEqual([500, expect.stringMatching(/signal 9|was killed/)]);
    expect((await ask("POST", "/run/one")).text).toBe("1");
    await expectNothingCharged();
  });

  testWithPip("a killed Zygote's children answer, and so does the next start", async () => {
    const { layout, ask, expectNothingCharged } = await liveStand({ zygotes: "root" });
    const waits =
      "import time\ndef f(event):\n    open('/scratch/begun', 'w')\n    time.sleep(1)\n    return 'alive'\n";
    await ask("PUT", "/registry/waits", waits);
    await ask("PUT", "/registry/one", ONE);
    await ask("POST", "/run/one");
    const children = [ask("POST", "/run/waits"), ask("POST", "/run/waits")];
    await expect.poll(() => begunNow(layout.lock).length).toBe(2);
    // the root Zygote, and the one that uploads are compiled in
    for (const zygote of await guestsOf(layout.lock, /^z-/)) process.kill(zygote, "SIGKILL");
    expect((await ask("POST", "/run/one")).text).toBe("1");
    for (const { status, text } of await Promise.all(children)) {
      expect([status, text]).toEqual([200, '"alive"']);
    }
    await expectNothingCharged();
  });
});

/** Ids of the containers whose functions have written that they have begun. */
function begunNow(lock: string): number[] {
  return guestsNow(lock, /^c-/).filter((pid) => existsSync(`/proc/${pid}/root/scratch/begun`));
}

describeReal("an installer that is killed in the middle", () => {
  testWithPip("fails its upload, leaves nothing, and the worker goes on", killInstaller);
});

describeReal("an installer that is stopped in the middle", () => {
  testWithPip("fails its upload, leaves nothing, and the worker goes on", stopInstaller);
});
