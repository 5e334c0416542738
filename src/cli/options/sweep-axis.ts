import { InputError } from "../../basics/errors.js";
import { parseBytes, parseDurationUs } from "../../basics/units.js";

const NUMBER = String.raw`(\d+(?:\.\d+)?)([A-Za-z]*)`;
const RANGE = new RegExp(String.raw`^${NUMBER}\.\.${NUMBER}(?::([x+])${NUMBER})?$`);
const MOST_VALUES = 10_000;

interface Quantity {
  readonly value: number;
  readonly unit: string;
}

/**
 * The values of a list that is written after an option, such as `a,b`. An element may be a range,
 * which `expandRange` expands. `option` is the name for error messages. Errors: InputError.
 */
export function expandList(text: string, option: string): readonly string[] {
  return text.split(",").flatMap((part) => {
    const value = part.trim();
    if (value !== "") return expandRange(value, option);
    throw new InputError(`${option}: "${text}" has nothing between two commas, expected a value`);
  });
}

/**
 * The values of a range: `1..5` counts by one, `1..10:+3` adds, `1GiB..64GiB:x2` multiplies; the
 * end is included if a step reaches it exactly. Any other text is a single value.
 *
 * Errors: InputError if a range has no step, does not rise, or is too long.
 */
export function expandRange(text: string, option: string): readonly string[] {
  const match = RANGE.exec(text);
  if (match === null) return [text];
  const [, first, firstUnit, last, lastUnit, operator, step, stepUnit] = match;
  const from = { value: Number(first), unit: firstUnit };
  const to = { value: Number(last), unit: lastUnit };
  const isPlain = from.unit === "" && to.unit === "";
  if (operator === undefined && !isPlain) {
    throw new InputError(`${option}: "${text}" has no step, expected one as in ${text}:x2`);
  }
  const by = { value: Number(step ?? 1), unit: stepUnit ?? "" };
  if (operator === "x")
    return series(text, option, alike([from, to], option), (value) => value * by.value);
  const [start, end, increment] = alike([from, to, by], option);
  return series(text, option, [start, end], (value) => value + increment.value);
}

function series(
  text: string,
  option: string,
  [from, to]: readonly Quantity[],
  next: (value: number) => number,
): readonly string[] {
  const rises = from.value <= to.value && next(from.value) > from.value;
  if (!rises) throw new InputError(`${option}: the range "${text}" does not rise`);
  const values: string[] = [];
  for (let value = from.value; value <= to.value; value = rounded(next(value))) {
    values.push(`${value}${from.unit}`);
    if (values.length > MOST_VALUES) {
      throw new InputError(`${option}: the range "${text}" has more than ${MOST_VALUES} values`);
    }
  }
  return values;
}

/** Converts quantities to one unit: their own if they share it, else bytes or microseconds. */
function alike(quantities: readonly Quantity[], option: string): readonly Quantity[] {
  const unit = quantities[0].unit;
  if (quantities.every((each) => each.unit === unit)) return quantities;
  return quantities.map((each) => {
    const text = `${each.value}${each.unit}`;
    return each.unit.endsWith("B")
      ? { value: parseBytes(text, option), unit: "B" }
      : { value: parseDurationUs(text, option), unit: "us" };
  });
}

/** Removes the rounding error in the last digits, such as that of 0.1 + 0.2. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
