import { InputError } from "../../basics/errors.js";
import { splitOnce } from "../../policies/parse.js";
import { expandRange } from "./sweep-axis.js";

/**
 * The changes that one `--set` of a sweep means, each in the form that `run --set` takes. Policies
 * are listed before the first colon, values of a parameter after it: `zygote=none,sock` is two
 * changes, `zygote=none,forklift:nodes=20,40` three, `keep-alive=fixed:keep=1m..8m:x2,pauseAfter=0`
 * four.
 *
 * Errors: InputError.
 */
export function expandSet(text: string, option: string): readonly string[] {
  const [head, parameters] = splitOnce(text, ":");
  const [family, names] = splitOnce(head, "=");
  if (names === undefined) return [text]; // `run` reports what is wrong with it
  const policies = names.split(",").map((name) => name.trim());
  const last = policies.pop()!;
  const whole = policies.map((name) => `${family}=${name}`);
  if (parameters === undefined) return [...whole, `${family}=${last}`];
  const choices = combine(readParameters(parameters, text, option));
  return [...whole, ...choices.map((choice) => `${family}=${last}:${choice}`)];
}

/** The policy family that a change is about. A sweep groups its changes by family. */
export function familyOf(change: string): string {
  return splitOnce(change, "=")[0].trim();
}

/** For each parameter, one `key=value` per value. */
function readParameters(
  parameters: string,
  text: string,
  option: string,
): readonly (readonly string[])[] {
  const axes: { readonly key: string; readonly values: string[] }[] = [];
  for (const part of parameters.split(",")) {
    const [first, second] = splitOnce(part, "=");
    if (second !== undefined) axes.push({ key: first.trim(), values: [] });
    const axis = axes.at(-1);
    if (axis === undefined) {
      throw new InputError(`${option}: "${part}" is not key=value in ${text}`);
    }
    axis.values.push(...expandRange((second ?? first).trim(), option));
  }
  return axes.map(({ key, values }) => values.map((value) => `${key}=${value}`));
}

function combine(axes: readonly (readonly string[])[]): readonly string[] {
  let choices: readonly string[] = [""];
  for (const values of axes) {
    choices = choices.flatMap((choice) =>
      values.map((value) => (choice === "" ? value : `${choice},${value}`)),
    );
  }
  return choices;
}
