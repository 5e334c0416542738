/**
 * A package name that PEP 508 allows, and a version in the normal form of PEP 440. Only these reach
 * an installer's command line, a folder's name or a URL.
 */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?$/i;
const VERSION =
  /^(?:[0-9]+!)?[0-9]+(?:\.[0-9]+){0,15}(?:(?:a|b|rc)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?(?:\+[a-z0-9]+(?:[._-][a-z0-9]+)*)?$/i;
const MAX_VERSION_CHARACTERS = 64;

export interface PinnedName {
  readonly name: string;
  readonly version: string;
}

/** Normalises a name as PEP 503 does: names that differ only in case or separators are equal. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/**
 * The parts of `name==version`, with the name normalised as in PEP 503; undefined: the text is not
 * one.
 */
export function parsePinned(text: string): PinnedName | undefined {
  const [name, version, ...rest] = text.split("==");
  if (name === undefined || version === undefined || rest.length > 0) return undefined;
  const isShaped =
    NAME.test(name) && VERSION.test(version) && version.length <= MAX_VERSION_CHARACTERS;
  return isShaped ? { name: normaliseName(name), version } : undefined;
}
