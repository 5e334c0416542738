import { InputError, unreachable } from "../../basics/errors.js";
import type { RandomStream } from "../../basics/random.js";
import type { TraceCut } from "../trace.js";

/**
 * Ids of the functions that a cut keeps, ascending: as many as it asks for, from those with an
 * invocation. `invocations` is indexed by function id and counts the minutes that are kept. `path`
 * names the trace in errors.
 *
 * Errors: InputError if no function is left.
 */
export function chooseFunctions(
  path: string,
  invocations: Float64Array,
  cut: TraceCut,
): readonly number[] {
  const active: number[] = [];
  for (let id = 0; id < invocations.length; id++) if (invocations[id] > 0) active.push(id);
  const wanted = cut.functions ?? active.length;
  if (active.length === 0 || wanted < 1) throw nothingLeft(path, invocations.length, cut);
  if (wanted >= active.length) return active;
  return choose(active, wanted, invocations, cut).sort((a, b) => a - b);
}

function choose(
  active: readonly number[],
  wanted: number,
  invocations: Float64Array,
  cut: TraceCut,
): number[] {
  const choice = cut.choice ?? "random";
  switch (choice) {
    case "random":
      return drawSome(active, wanted, cut.streams.get("functions"));
    case "most-invoked":
      return active.toSorted((a, b) => invocations[b] - invocations[a] || a - b).slice(0, wanted);
    default:
      return unreachable(choice);
  }
}

/** The first `wanted` places of a Fisher-Yates shuffle. */
function drawSome(ids: readonly number[], wanted: number, random: RandomStream): number[] {
  const drawn = ids.slice();
  for (let at = 0; at < wanted; at++) {
    const other = at + Math.floor(random.next() * (drawn.length - at));
    [drawn[at], drawn[other]] = [drawn[other], drawn[at]];
  }
  return drawn.slice(0, wanted);
}

function nothingLeft(path: string, functions: number, cut: TraceCut): InputError {
  const from = cut.fromMinute;
  const to = cut.minutes === undefined ? "the end" : `${from + cut.minutes}`;
  const wanted = cut.functions === undefined ? "" : `, ${cut.functions} wanted`;
  return new InputError(
    `${path}: no function is left: not one of ${functions} is invoked from minute ${from} to ${to}${wanted}; ` +
      "widen --from, --minutes or --functions",
  );
}
