import { US_PER_MINUTE } from "../basics/units.js";
import { type BusyCores, type Overload, SHORTAGES } from "../contract/overload.js";

/**
 * The text of the warning `overloaded`: since when the demand exceeded the machine, for how long in
 * all, and what it lacked. undefined: it never exceeded the machine for a minute.
 */
export function overloadText(
  waiting: Overload | null,
  cores: BusyCores | null,
): string | undefined {
  const parts: string[] = [];
  if (waiting !== null) {
    const lacks = SHORTAGES.filter((shortage) => waiting.us[shortage] > 0);
    const reasons = lacks.map((shortage) => `${minutes(waiting.us[shortage])} for ${shortage}`);
    parts.push(`${spells("in which invocations waited", waiting)} (${reasons.join(", ")})`);
  }
  if (cores !== null) parts.push(spells("with more to run than the cores can", cores));
  if (parts.length === 0) return undefined;
  return `the demand exceeded the machine: ${parts.join("; ")}`;
}

function spells(which: string, { firstUs, totalUs }: BusyCores): string {
  const first = (firstUs / US_PER_MINUTE).toFixed(1);
  return `spells of more than a minute ${which} add up to ${minutes(totalUs)}, the first begins at minute ${first}`;
}

function minutes(us: number): string {
  return `${(us / US_PER_MINUTE).toFixed(1)} min`;
}
