import { spawnSync } from "node:child_process";
import { MachineError } from "../../basics/errors.js";

/** The Python that guests run with. */
export interface Python {
  /** The interpreter itself, not a link or shim. */
  readonly program: string;
  /** Folder of the installation; containers see it if it is outside /usr. */
  readonly prefix: string;
  readonly version: string;
}

const PROBE = `import json, os, sys
print(json.dumps({"program": os.path.realpath(getattr(sys, "_base_executable", sys.executable)),
  "prefix": os.path.realpath(sys.base_prefix), "version": "%d.%d.%d" % sys.version_info[:3]}))`;

/**
 * Compiles each source to the file next to it (f.py to f.pyc), and ignores those that do not
 * compile.
 */
const COMPILE = `import contextlib, json, os, py_compile, sys
seen_in, sources = json.load(sys.stdin)
for source in sources:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(source + "c")
    dfile = seen_in and seen_in + "/" + os.path.basename(source)
    with contextlib.suppress(Exception):
        py_compile.compile(source, cfile=source + "c", dfile=dfile, doraise=True)`;

const OLDEST = [3, 9] as const;

/** Finds the interpreter behind a name. Errors: MachineError if there is none, or it is too old. */
export function findPython(name = "python3"): Python {
  const { status, stdout } = spawnSync(name, ["-I", "-c", PROBE], { encoding: "utf8" });
  if (status !== 0) {
    throw new MachineError(`no Python as ${name}: apt-get install python3, or name one (--python)`);
  }
  const python = JSON.parse(stdout) as Python;
  const [major, minor] = python.version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new MachineError(
      `${python.program} is Python ${python.version}; ${OLDEST.join(".")} or newer is needed`,
    );
  }
  return python;
}

/**
 * Compiles handlers and other sources next to themselves, so that containers need not do it. A
 * source that does not compile gets no compiled form: its container reports why. `seenIn` is the
 * folder of the sources for the process that runs them: tracebacks name it.
 */
export function compileBeside(python: Python, sources: readonly string[], seenIn = ""): void {
  if (sources.length === 0) return;
  const { error, status, stderr } = spawnSync(python.program, ["-I", "-S", "-c", COMPILE], {
    input: JSON.stringify([seenIn, sources]),
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  // Python would run an older compiled form instead of the source.
  if (status !== 0) throw new Error(`compiling handlers: ${stderr.trim().split("\n").at(-1)}`);
}
