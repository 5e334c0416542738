import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { assert } from "../../basics/errors.js";
import { runProgram } from "../../real/host/run-program.js";
import {
  indexArguments,
  lastLine,
  type PackageIndex,
  type PackageTool,
} from "../../real/packages/package-tool.js";
import { GUEST_ENVIRONMENT } from "../../real/sandboxes/sandboxes.js";
import type { Answer } from "./compare-answers.js";

const INSTALL_TIMEOUT_US = 1_200_000_000;
const RUN_TIMEOUT_US = 300_000_000;
/** Folder at which a plain process sees its environment: it gets a new /tmp, which hides all below. */
const SEEN_AT = "/mnt";
const NOBODY = 65_534;
/** The calls of one process: what the second one gives may depend on the first one. */
export const CALLS = 2;

/** Makes a new, empty /tmp, then runs a program as an ordinary user. $1: the folder to see. */
const ALONE = `set -e
mount --bind "$1" ${SEEN_AT}
mount -t tmpfs -o mode=1777 tmpfs /tmp
cd /tmp
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups ${SEEN_AT}/env/bin/python ${SEEN_AT}/call.py`;

/** Calls the handler twice, and prints both answers as JSON after everything that it prints itself. */
const PROGRAM = `
import importlib, json, os, sys, traceback
answers_to = os.dup(1)
os.dup2(2, 1)
sys.path[0] = "${SEEN_AT}/function"

def plain(value):
    if type(value).__module__ == "numpy":
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")

def call():
    try:
        return {"value": json.loads(json.dumps(importlib.import_module("f").f({}), default=plain))}
    except BaseException as error:
        return {"error": traceback.format_exception_only(type(error), error)[-1].strip()}

answers = [call() for _ in range(${CALLS})]
os.write(answers_to, b"\\n" + json.dumps(answers).encode() + b"\\n")
os._exit(0)
`;

const answersShape = z.array(
  z.union([z.object({ value: z.json() }), z.object({ error: z.string() })]),
);

/** A virtual environment with pinned packages and one function, used without any sandbox. */
export class PlainPython {
  readonly #folder: string;
  readonly #tool: PackageTool;
  readonly #from: readonly string[];

  /** `folder` is created, and everything in it belongs to this object. */
  constructor(folder: string, tool: PackageTool, index: PackageIndex) {
    this.#folder = folder;
    this.#tool = tool;
    this.#from = indexArguments(index);
  }

  /**
   * Installs packages, and what they depend on if the list is not complete. Returns why that is
   * impossible; undefined: they are installed.
   */
  async install(
    requirements: readonly string[],
    isComplete: boolean,
    handler: string,
  ): Promise<string | undefined> {
    const folder = this.#folder;
    await mkdir(join(folder, "function"), { recursive: true, mode: 0o755 });
    await mkdir(join(folder, "compiled"));
    await chown(join(folder, "compiled"), NOBODY, NOBODY);
    await writeFile(join(folder, "requirements.txt"), requirements.join("\n"));
    await writeFile(join(folder, "function", "f.py"), handler);
    await writeFile(join(folder, "call.py"), PROGRAM);
    for (const [program, ...args] of this.#commands(isComplete ? ["--no-deps"] : [])) {
      const end = await runProgram(program, args, {
        cwd: folder,
        // one after the other: packages with files of one name overwrite each other in a fixed order
        env: { ...(process.env as Record<string, string>), UV_CONCURRENT_INSTALLS: "1" },
        timeoutUs: INSTALL_TIMEOUT_US,
      });
      if (end.ending === "timed-out") return "plain Python: the installation takes too long";
      if (end.exitCode !== 0) return lastLine(end.err);
    }
    return undefined;
  }

  /** The answers of a new process to its calls. */
  async call(): Promise<readonly Answer[]> {
    const env = {
      ...GUEST_ENVIRONMENT,
      HOME: "/tmp",
      PYTHONPYCACHEPREFIX: `${SEEN_AT}/compiled`, // the second process need not compile again
    };
    const args = ["--mount", "--", "/bin/sh", "-c", ALONE, "sh", this.#folder];
    const end = await runProgram("unshare", args, { cwd: "/", env, timeoutUs: RUN_TIMEOUT_US });
    const last = end.out.trimEnd().split("\n").at(-1) ?? "";
    if (!last.startsWith("[")) {
      const error = `plain Python ${end.ending}, exit code ${end.exitCode}: ${lastLine(end.err)}`;
      return Array.from({ length: CALLS }, () => ({ error }));
    }
    const answers = answersShape.parse(JSON.parse(last));
    assert(answers.length === CALLS, "as many answers as calls");
    return answers;
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #commands(how: readonly string[]): readonly (readonly [string, ...string[]])[] {
    const { python } = this.#tool;
    const env = join(this.#folder, "env");
    const list = join(this.#folder, "requirements.txt");
    if (this.#tool.kind === "uv") {
      const { uv } = this.#tool;
      return [
        [uv, "venv", "--quiet", "--python", python, env],
        [
          uv,
          "pip",
          "install",
          ...how,
          ...this.#from,
          "--python",
          join(env, "bin", "python"),
          "-r",
          list,
        ],
      ];
    }
    const install = ["install", "--quiet", "--no-input", ...how, ...this.#from, "-r", list];
    return [
      [python, "-m", "venv", "--without-pip", env],
      [python, "-m", "pip", "--python", join(env, "bin", "python"), ...install],
    ];
  }
}

/** Paths that name the same things in a plain process and in a container get one form. */
export function withoutPlaces(answer: Answer): Answer {
  const text = JSON.stringify(answer)
    .replaceAll(/\/mnt\/env\/lib(?:64)?\/python[0-9.]+\/site-packages/g, "SITE-PACKAGES")
    .replaceAll(/\/packages\/[^/"\s]+\/site-packages/g, "SITE-PACKAGES")
    .replaceAll(`${SEEN_AT}/function`, "FUNCTION")
    .replaceAll("/handler", "FUNCTION")
    .replaceAll("/scratch", "/tmp");
  return JSON.parse(text) as Answer;
}
