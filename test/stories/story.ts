import { InputError } from "../../src/basics/errors.js";
import { parseBytes, parseDurationUs } from "../../src/basics/units.js";
import type { Operation, Status } from "../../src/contract/backend.js";
import type { EngineConfig } from "../../src/contract/config.js";
import { PackageSet } from "../../src/contract/package-set.js";
import { FAMILIES, type Family } from "../../src/contract/policy.js";
import type { FunctionProfile, Package } from "../../src/contract/workload.js";
import { type Arrival, makeFunction, makePackage } from "../engine/harness.js";

/** How one operation of a story ends. */
export interface ScriptedEnd {
  readonly status: Status;
  readonly measuredBytes: number;
}

export interface Script {
  readonly takesUs: Record<Exclude<Operation, "run"> | "resume", number>;
  /**
   * By `<operation> <count>`, counted from 1 in the story. All others end well and are not
   * measured.
   */
  readonly ends: Map<string, ScriptedEnd>;
}

type Limit = Exclude<keyof EngineConfig, "footprint">;

/** The set-up of a story: the lines above its `----`. */
export interface StoryFile {
  readonly config: Partial<Record<Limit, number>>;
  readonly packages: Package[];
  readonly functions: FunctionProfile[];
  readonly policies: Record<Family, string>;
  readonly script: Script;
  readonly arrivals: Arrival[];
  endUs: number;
  drain: boolean;
}

/**
 * The line between a story's set-up, which is written by hand, and the engine's part of the story.
 */
export const DIVIDER = "----";

const MACHINE: Readonly<Record<string, readonly [Limit, Reader]>> = {
  memory: ["memoryLimitBytes", parseBytes],
  disk: ["diskLimitBytes", parseBytes],
  cores: ["cores", Number],
  "runs-per-core": ["runsPerCore", Number],
  "creations-per-core": ["creationsPerCore", Number],
  "creations-per-function": ["creationsPerFunction", Number],
  "queue-limit": ["queueLimit", Number],
  "queue-timeout": ["queueTimeoutUs", parseDurationUs],
};
type Reader = (text: string, what: string) => number;

/**
 * Reads a story's set-up, one statement per line:
 *
 *     machine memory=SIZE disk=SIZE cores=N runs-per-core=N creations-per-core=N creations-per-function=N queue-limit=N queue-timeout=TIME
 *     package NAME memory=SIZE disk=SIZE import=TIME
 *     function NAME memory=SIZE imports=PACKAGE,PACKAGE
 *     policy FAMILY=NAME:KEY=VALUE,...
 *     takes OPERATION TIME             every such operation takes this time (`resume` counts as one)
 *     fails OPERATION N ...            the Nth such operation of the story fails
 *     dies OPERATION N ...             it ends as parent-died
 *     times-out OPERATION N ...        it ends as timed-out
 *     measures OPERATION N SIZE        it ends well, and its process is measured at SIZE
 *     call TIME FUNCTION TIME          an arrival, and how long its handler runs
 *     until TIME                       the run lasts at least until then
 *     stop                             at the end all that is kept is destroyed
 *
 * Errors: InputError that quotes the line.
 */
export function readStory(text: string): StoryFile {
  const story: StoryFile = {
    config: {},
    packages: [],
    functions: [],
    policies: {
      zygote: "none",
      evict: "lru",
      "keep-alive": "fixed",
      install: "all",
      dispatch: "mru",
      queue: "fcfs",
    },
    script: {
      takesUs: {
        install: 1_000_000,
        uninstall: 100_000,
        "create-zygote": 500_000,
        "create-container": 200_000,
        pause: 10_000,
        resume: 5_000,
        "destroy-container": 20_000,
        "destroy-zygote": 20_000,
      },
      ends: new Map(),
    },
    arrivals: [],
    endUs: 0,
    drain: false,
  };
  for (const line of text.split("\n")) {
    const [statement, ...words] = line.trim().split(/\s+/);
    if (statement === DIVIDER) break;
    if (statement === "" || statement.startsWith("#")) continue;
    const read = STATEMENTS[statement];
    if (read === undefined) throw new InputError(`a story cannot say "${line}"`);
    read(story, words, line);
  }
  return story;
}

const STATEMENTS: Readonly<
  Record<string, (story: StoryFile, words: readonly string[], line: string) => void>
> = {
  machine({ config }, words, line) {
    for (const [key, value] of Object.entries(settings(words))) {
      const [field, read] = MACHINE[key] ?? [];
      if (field === undefined) throw new InputError(`a machine has no "${key}" in "${line}"`);
      config[field] = read(value, line);
    }
  },
  package({ packages }, [name, ...words], line) {
    const { memory = "1MiB", disk = "1MiB", import: importTime = "0" } = settings(words);
    packages.push(
      makePackage({
        name: name,
        memoryBytes: parseBytes(memory, line),
        diskBytes: parseBytes(disk, line),
        importUs: parseDurationUs(importTime, line),
      }),
    );
  },
  function({ functions, packages }, [name, ...words], line) {
    const { memory = "100MiB", imports = "" } = settings(words);
    const names = imports.split(",").filter((each) => each !== "");
    const ids = names.map((each) => indexOf(packages, each, line));
    const fields = { name: name, app: functions.length, memoryBytes: parseBytes(memory, line) };
    functions.push(makeFunction({ ...fields, closure: new PackageSet(ids).ids }));
  },
  policy({ policies }, words, line) {
    for (const word of words) {
      const family = FAMILIES.find((each) => word.startsWith(`${each}=`));
      if (family === undefined) throw new InputError(`no policy family in "${line}"`);
      policies[family] = word.slice(family.length + 1);
    }
  },
  takes({ script }, [operation, time], line) {
    if (!Object.hasOwn(script.takesUs, operation)) throw new InputError(`no operation: "${line}"`);
    script.takesUs[operation as keyof Script["takesUs"]] = parseDurationUs(time, line);
  },
  fails: ({ script }, [operation, ...counts]) => end(script, operation, counts, "failed", -1),
  dies: ({ script }, [operation, ...counts]) => end(script, operation, counts, "parent-died", -1),
  "times-out": ({ script }, [operation, ...counts]) =>
    end(script, operation, counts, "timed-out", -1),
  measures: ({ script }, [operation, count, size], line) =>
    end(script, operation, [count], "ok", parseBytes(size, line)),
  call({ arrivals, functions }, [at, name, time], line) {
    const functionId = indexOf(functions, name, line);
    arrivals.push([parseDurationUs(at, line), functionId, parseDurationUs(time, line)]);
  },
  until(story, [time], line) {
    story.endUs = parseDurationUs(time, line);
  },
  stop(story) {
    story.drain = true;
  },
};

function end(
  { ends }: Script,
  operation: string,
  counts: readonly string[],
  status: Status,
  measuredBytes: number,
): void {
  for (const count of counts) ends.set(`${operation} ${count}`, { status, measuredBytes });
}

function settings(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => word.split("=")));
}

function indexOf(named: readonly { readonly name: string }[], name: string, line: string): number {
  const at = named.findIndex((each) => each.name === name);
  if (at < 0) throw new InputError(`"${name}" is not declared above "${line}"`);
  return at;
}
