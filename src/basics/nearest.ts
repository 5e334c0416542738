import { distance } from "fastest-levenshtein";

/** A name that needs more than this share of its letters changed is not a slip. */
const MOST_CHANGED = 0.5;

/**
 * The known name that is nearest to a mistyped one, as ` (did you mean "x"?)`; empty if no name is
 * near.
 */
export function suggestion(name: string, known: readonly string[]): string {
  const text = name.toLowerCase();
  const ranked = known
    .map((each) => ({ each, changed: distance(text, each.toLowerCase()) / each.length }))
    .toSorted((a, b) => a.changed - b.changed);
  const [nearest] = ranked;
  if (nearest === undefined || nearest.changed > MOST_CHANGED) return "";
  return ` (did you mean "${nearest.each}"?)`;
}
