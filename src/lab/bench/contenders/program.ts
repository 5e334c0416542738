import { loadNative } from "../../../real/host/native.js";
import type { Arena, Contender, OpenContender } from "./contender.js";
import { findProgram, versionOf } from "./find-program.js";

/** A contender that runs one program to its end per container. */
export interface ProgramSpec {
  readonly name: string;
  readonly title: string;
  readonly does: string;
  readonly program: string;
  /** Debian package of the program. */
  readonly from: string;
  /**
   * Prepares the files. Returns the arguments of the program, in which `{n}` is a different number
   * for each container.
   */
  prepare(arena: Arena, program: string): Promise<Prepared>;
}

export interface Prepared {
  readonly args: readonly string[];
  /** Descriptor of the mount namespace in which the program starts; default: our own. */
  readonly mounts?: number;
  /** Removes what `prepare` made and what containers left behind. */
  readonly clear?: () => Promise<void>;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const OUR_MOUNTS = -1;
const HIGHEST_NUMBER = 1_000_000;

export function programContender(spec: ProgramSpec): Contender {
  const { name, title, does } = spec;
  return { name, title, does, open: (arena) => openProgram(spec, arena) };
}

async function openProgram(spec: ProgramSpec, arena: Arena): Promise<OpenContender> {
  const program = await findProgram(spec.program, spec.from);
  const version = await versionOf(program);
  const { args, mounts = OUR_MOUNTS, clear = async () => {} } = await spec.prepare(arena, program);
  let loads = 0;
  return {
    version,
    load: (clients, durationUs) =>
      loadNative().startLoad({
        argv: [program, ...args],
        environment: [PATH, "HOME=/root"],
        mounts,
        clients,
        durationUs,
        firstNumber: HIGHEST_NUMBER * loads++,
      }),
    close: clear,
  };
}
