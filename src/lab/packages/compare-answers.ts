/** What one call of a handler gave: its answer, or the last line of its traceback. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/**
 * Why an answer is not one that plain Python could have given; undefined: it is one. `plain` are the
 * answers of several plain processes to the same call. Whatever differs between them, for example a
 * random number or a process id, only needs the same type here.
 */
export function differenceOf(plain: readonly Answer[], answer: Answer): string | undefined {
  const [first, ...others] = plain.map(dataOf);
  return compare("", first, others, dataOf(answer));
}

/** Errors and values in one form; a value is compared with an error as an object with other names. */
function dataOf(answer: Answer): unknown {
  return "error" in answer ? { error: answer.error } : { value: answer.value };
}

function compare(
  place: string,
  plain: unknown,
  others: readonly unknown[],
  found: unknown,
): string | undefined {
  const kind = kindOf(plain);
  const alike = others.filter((each) => kindOf(each) === kind);
  if (alike.length < others.length) return undefined; // plain Python itself has no fixed type here
  if (kindOf(found) !== kind) return difference(place, plain, found);
  if (kind !== "object" && kind !== "array") {
    const isFixed = alike.every((each) => Object.is(each, plain));
    return isFixed && !Object.is(found, plain) ? difference(place, plain, found) : undefined;
  }
  const sizes = [plain, ...alike].map((each) => namesOf(each).join());
  const isFixed = sizes.every((each) => each === sizes[0]);
  if (!isFixed) return undefined;
  if (namesOf(found).join() !== sizes[0]) return difference(place, plain, found);
  for (const name of namesOf(plain)) {
    const at = (value: unknown) => (value as Record<string, unknown>)[name];
    const fault = compare(`${place}.${name}`, at(plain), alike.map(at), at(found));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Names of an object's or an array's parts, sorted. */
function namesOf(value: unknown): readonly string[] {
  return Object.keys(value as object).sort();
}

const MOST_CHARACTERS = 160;

function difference(place: string, plain: unknown, found: unknown): string {
  const at = place.replace(/^\.(?:value|error)\.?/, "");
  const where = at === "" ? "" : `at ${at}: `;
  return `${where}${shown(found)}, plain Python: ${shown(plain)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
