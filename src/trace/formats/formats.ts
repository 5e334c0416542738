import { stat } from "node:fs/promises";
import { InputError } from "../../basics/errors.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import type { Trace, TraceCut, TraceFormat } from "../trace.js";
import { azure2019 } from "./azure-2019.js";
import { azure2019Minutes } from "./azure-2019-minutes.js";
import { azure2021 } from "./azure-2021.js";
import { invitro } from "./invitro.js";
import { socklabCsv } from "./socklab-csv.js";

const YEAR_US = 365 * 24 * 60 * US_PER_MINUTE;
/** A result has one row per minute, so ten years are five million rows. */
const LONGEST_SPAN_US = 10 * YEAR_US;

/** Every trace format, in the order in which they are tried. */
export const TRACE_FORMATS: readonly TraceFormat[] = [
  azure2019,
  azure2019Minutes,
  azure2021,
  invitro,
  socklabCsv,
];

/**
 * Opens a trace given as `path` or as `format:path`. The content of a `path` determines its format.
 * Errors: InputError if there is nothing at the path, or its format is unknown.
 */
export async function openTrace(spec: string, cut: TraceCut): Promise<Trace> {
  const { format, path } = splitSpec(spec);
  if (!(await exists(path))) {
    throw new InputError(`${path}: no such file or folder, expected a trace (${formatNames()})`);
  }
  const chosen = format ?? (await recognise(path));
  const trace = await chosen.open(path, cut);
  if (trace.spanUs <= LONGEST_SPAN_US) return trace;
  const years = Number((trace.spanUs / YEAR_US).toPrecision(3));
  throw new InputError(
    `${path}: spans ${years} years after --speedup, expected at most ${LONGEST_SPAN_US / YEAR_US}: cut it with --minutes, or check its times`,
  );
}

/** The two parts of `format:path`. Errors: InputError if the format is unknown. */
export function splitSpec(spec: string): { format: TraceFormat | undefined; path: string } {
  const match = /^([A-Za-z0-9-]+):(.+)$/.exec(spec);
  if (match === null) return { format: undefined, path: spec };
  const format = TRACE_FORMATS.find(({ name }) => name === match[1]);
  if (format !== undefined) return { format, path: match[2] };
  throw new InputError(`${spec}: unknown trace format "${match[1]}", expected ${formatNames()}`);
}

async function recognise(path: string): Promise<TraceFormat> {
  for (const format of TRACE_FORMATS) if (await format.recognises(path)) return format;
  throw new InputError(
    `${path}: not a trace of a known format, expected one of: ` +
      TRACE_FORMATS.map(({ name, summary }) => `${name} (${summary})`).join("; "),
  );
}

function formatNames(): string {
  return TRACE_FORMATS.map(({ name }) => name).join(", ");
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
