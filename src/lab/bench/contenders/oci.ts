import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runProgram } from "../../../real/host/run-program.js";
import type { Arena, Contender } from "./contender.js";
import { hideCgroup2 } from "./hidden-cgroup2.js";
import { programContender } from "./program.js";

const TIMEOUT_US = 20_000_000;

/** The parts of the bundle's config.json that the bench changes. */
const specShape = z.looseObject({
  process: z.looseObject({}),
  linux: z.looseObject({ namespaces: z.array(z.object({ type: z.string() })) }),
});

/** runc with the bundle that it writes itself: its defaults, except program and root. */
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
  does: "`crun run` of the bundle that `crun spec` writes, with the changes that runc's has; if cgroup v1 and v2 are both mounted, v2 is hidden from crun, which refuses both",
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

/**
 * Arguments of one run. Its state is in the contender's folder, so container names cannot collide
 * with those of other programs.
 */
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
  // to raise resource limits needs CAP_SYS_RESOURCE
  const { rlimits: _, ...process } = spec.process;
  const changed = {
    ...spec,
    process: { ...process, terminal: false, args: arena.command },
    root: { path: arena.root, readonly: true },
  };
  writeFileSync(path, JSON.stringify(changed));
  return arena.folder;
}
