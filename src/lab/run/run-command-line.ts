import { assert } from "../../basics/errors.js";
import type { RealSettings, RunSettings } from "./run-settings.js";

/**
 * The value `true` means an option without a value; undefined means that the option is left out.
 */
type CommandOption = readonly [name: string, value: string | number | true | undefined];

const NEEDS_QUOTES = /[^\w@%+=:,./-]/;

/**
 * The command line that repeats a run. The journal is left out because it does not change the
 * result.
 */
export function runCommandLine(settings: RunSettings): string {
  const { policy, functions, minutes, packages, costs } = settings;
  const options: readonly CommandOption[] = [
    ["--backend", settings.backend],
    ["--policy", policy],
    ...settings.set.map((change) => ["--set", change] as const),
    ["--unit", settings.unit],
    ["--memory", limitText(settings.memoryBytes, "B")],
    ["--disk", limitText(settings.diskBytes, "B")],
    ["--cores", settings.cores],
    ["--runs-per-core", limitText(settings.runsPerCore, "")],
    ["--creations-per-core", limitText(settings.creationsPerCore, "")],
    ["--creations-per-function", limitText(settings.creationsPerFunction, "")],
    ["--queue-limit", limitText(settings.queueLimit, "")],
    ["--queue-timeout", limitText(settings.queueTimeoutUs, "us")],
    ["--packages", packages],
    ["--costs", costs],
    ["--functions", functions],
    ["--from", settings.fromMinute],
    ["--minutes", minutes],
    ["--warmup", settings.warmupMinutes],
    ["--speedup", settings.speedup],
    ["--placement", settings.placement],
    ["--run-times", settings.runTimes],
    ["--seed", settings.seed],
    ["--index", settings.index],
    ...(settings.backend === "real" ? realOptions(settings.real) : []),
  ];
  const words = options.flatMap(([name, value]) => {
    if (value === undefined) return [];
    return value === true ? [name] : [name, quoted(String(value))];
  });
  return ["socklab run", quoted(settings.trace), ...words].join(" ");
}

/**
 * The options of a real run by name, which say how containers use this machine. The state folder is
 * left out because it does not change the result. For a new setting that is missing here, the
 * compiler reports an error.
 */
export function realOptions(real: RealSettings | undefined): readonly CommandOption[] {
  assert(real !== undefined, "a real run without settings for it");
  const { state: _, python, base, containers, ...rest } = real;
  const {
    network,
    allowMetadata,
    containerLimits,
    scratchBytes,
    readySlots,
    sparesPerZygote,
    ...more
  } = containers;
  const { memoryBytes, cores, processes, ...others } = containerLimits;
  ({ ...rest, ...more, ...others }) satisfies Record<string, never>;
  return [
    ["--python", python],
    ["--base", base],
    ["--network", network],
    ["--allow-metadata", allowMetadata || undefined],
    ["--container-memory", limitText(memoryBytes, "B")],
    ["--container-cores", limitText(cores, "")],
    ["--container-processes", limitText(processes, "")],
    ["--scratch", limitText(scratchBytes, "B")],
    ["--ready-slots", readySlots],
    ["--spares", sparesPerZygote],
  ];
}

function limitText(limit: number, unit: string): string {
  return Number.isFinite(limit) ? `${limit}${unit}` : "unlimited";
}

/** Quotes a word so that a POSIX shell reads it back unchanged. */
export function quoted(word: string): string {
  if (word !== "" && !NEEDS_QUOTES.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
