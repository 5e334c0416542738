/**
 * A package name as PEP 508 allows it, a version as PEP 440 allows it in its normal form: what may
 * reach an installer's command line, a folder's name or a URL. Nothing else does.
 */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?$/i;
const VERSION =
  /^(?:[0-9]+!)?[0-9]+(?:\.[0-9]+){0,15}(?:(?:a|b|rc)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?(?:\+[a-z0-9]+(?:[._-][a-z0-9]+)*)?$/i;
const MAX_VERSION_CHARACTERS = 64;

export interface PinnedName {
  readonly name: string;
  readonly version: string;
}

/** PEP 503: case and the kind of separator do not tell packages apart. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** `name==version` in its parts, the name as PEP 503 writes it; undefined where it is not one. */
export function parsePinned(text: string): PinnedName | undefined {
  const [name, version, ...rest] = text.split("==");
  if (name === undefined || version === undefined || rest.length > 0) return undefined;
  const isShaped =
    NAME.test(name) && VERSION.test(version) && version.length <= MAX_VERSION_CHARACTERS;
  return isShaped ? { name: normaliseName(name), version } : undefined;
}
