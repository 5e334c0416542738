import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Prober, type ProbeVerdict } from "../../../src/lab/packages/probe-packages.js";
import { testWithPip } from "../../real/needs.js";
import { describeReal } from "../../real/stand.js";
import { writeWheel } from "../../worker/small-wheels.js";

const SOURCES = {
  plain: "import random\nmine = random.Random()\nchosen = random.Random(7)\n",
  holder: "import socket\npair = socket.socketpair()\n",
  reader: "file = open(__file__)\n",
  fragile: "import os\nif os.getpid() == 1: raise ImportError('only in Zygotes')\n",
  hanging: "import os, time\nos.register_at_fork(after_in_child=lambda: time.sleep(600))\n",
};

/** What the probe says about each of SOURCES, and about a package that does not exist. */
async function verdicts(): Promise<ReadonlyMap<string, ProbeVerdict>> {
  const folder = mkdtempSync(join(tmpdir(), "socklab-probe-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755); // the installer's user reads it
  for (const [name, source] of Object.entries(SOURCES)) {
    await writeWheel(folder, name, { [`${name}.py`]: source });
  }
  const prober = await Prober.open({
    stateFolder: join(folder, "state"),
    python: undefined,
    index: { kind: "folder", path: folder },
    keepsPackages: false,
    options: { makeTimeoutMs: 3_000 },
  });
  const found = new Map<string, ProbeVerdict>();
  try {
    for (const name of [...Object.keys(SOURCES), "missing"]) {
      found.set(name, await prober.probe({ name, requirements: [name] }));
    }
  } finally {
    await prober.close();
  }
  return found;
}

describeReal("the probe of packages", () => {
  testWithPip(
    "says what each Zygote has, whether it is forked, and what its children do",
    async () => {
      const found = await verdicts();
      const of = (name: string) => found.get(name)!;
      expect(of("plain")).toMatchObject({
        packages: ["plain==1.0"],
        ...{ fault: "", obstacle: "", broken: [], files: 0, hooks: 0, threads: 1 },
      });
      // the module's own three: its global one, mine, and the one with a chosen seed
      expect(of("plain").generators).toBeGreaterThanOrEqual(3);
      expect(of("holder").obstacle).toContain("has a socket open");
      expect(of("reader")).toMatchObject({ files: 1, obstacle: "", broken: [] });
      expect(of("fragile").broken).toEqual([]);
      expect(of("hanging")).toMatchObject({ hooks: 1 });
      expect(of("hanging").broken[0]).toMatch(/^a child did not answer: /);
      expect(of("missing").fault).toMatch(/missing/);
      expect(of("missing").fault).not.toContain("\n");
    },
  );
});
