import type { RunSettings } from "./run-settings.js";

const NEEDS_QUOTES = /[^\w@%+=:,./-]/;

/** The command line that asks for the same run; its journal, which changes nothing, is left out. */
export function runCommandLine(settings: RunSettings): string {
  const { policy, functions, minutes, packages, costs } = settings;
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ["--backend", settings.backend],
    ["--policy", policy],
    ...settings.set.map((change) => ["--set", change] as const),
    ["--memory", limitText(settings.memoryBytes, "B")],
    ["--disk", limitText(settings.diskBytes, "B")],
    ["--cores", settings.cores],
    ["--runs-per-core", limitText(settings.runsPerCore, "")],
    ["--queue-limit", limitText(settings.queueLimit, "")],
    ["--queue-timeout", limitText(settings.queueTimeoutUs, "us")],
    ["--packages", packages],
    ["--costs", costs],
    ["--functions", functions],
    ["--from", settings.fromMinute],
    ["--minutes", minutes],
    ["--speedup", settings.speedup],
    ["--placement", settings.placement],
    ["--run-times", settings.runTimes],
    ["--seed", settings.seed],
  ];
  const words = options.flatMap(([name, value]) =>
    value === undefined ? [] : [name, quoted(String(value))],
  );
  return ["socklab run", quoted(settings.trace), ...words].join(" ");
}

function limitText(limit: number, unit: string): string {
  return Number.isFinite(limit) ? `${limit}${unit}` : "unlimited";
}

/** As a POSIX shell reads it back. */
export function quoted(word: string): string {
  if (word !== "" && !NEEDS_QUOTES.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
