import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runProgram } from "../../../real/host/run-program.js";
import type { Arena, Contender } from "./contender.js";
import { hideCgroup2 } from "./hidden-cgroup2.js";
import { programContender } from "./program.js";

const TIMEOUT_US = 20_000_000;

/** Of the bundle that `runc spec` writes, what is changed. */
const specShape = z.looseObject({
  process: z.looseObject({}),
  linux: z.looseObject({ namespaces: z.array(z.object({ type: z.string() })) }),
});

/** runc and crun: the same bundle, with their own defaults for all else. */
export const runcContender: Contender = programContender({
  name: "runc",
  title: "runc",
  does: "`runc run` of the bundle that `runc spec` writes: pid, ipc, uts, mount and network namespaces, cgroups, read-only root",
  program: "runc",
  from: "runc",
  prepare: async (arena, program) => {
    const folder = await makeBundle(arena, program);
    return { args: runArguments(folder) };
  },
});

export const crunContender: Contender = programContender({
  name: "crun",
  title: "crun",
  does: "`crun run` of the bundle that `crun spec` writes, as runc's; where cgroup v1 and v2 are mounted side by side, v2 is hidden from it, since it refuses both",
  program: "crun",
  from: "crun",
  prepare: async (arena, program) => {
    const folder = await makeBundle(arena, program);
    const mounts = await hideCgroup2();
    return {
      args: runArguments(folder),
      ...(mounts === undefined ? {} : { mounts: mounts.fd }),
      clear: async () => mounts?.close(),
    };
  },
});

/** Its state lies below the bench's folder; a container's name may be another's on the machine. */
function runArguments(folder: string): string[] {
  const id = `socklab-bench-${process.pid}-{n}`;
  return ["--root", join(folder, "state"), "run", "--bundle", join(folder, "bundle"), id];
}

async function makeBundle(arena: Arena, program: string): Promise<string> {
  const bundle = join(arena.folder, "bundle");
  mkdirSync(bundle);
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  const options = { cwd: bundle, env, timeoutUs: TIMEOUT_US };
  const { exitCode, err } = await runProgram(program, ["spec"], options);
  if (exitCode !== 0) throw new Error(`${program} spec: ${err.trim()}`);
  const path = join(bundle, "config.json");
  const spec = specShape.parse(JSON.parse(readFileSync(path, "utf8")));
  const { rlimits: _, ...process } = spec.process; // raising them needs CAP_SYS_RESOURCE
  const changed = {
    ...spec,
    process: { ...process, terminal: false, args: arena.command },
    root: { path: arena.root, readonly: true },
  };
  writeFileSync(path, JSON.stringify(changed));
  return arena.folder;
}
