/** The parts of a version (PEP 440), compared one after the other. */
interface Version {
  readonly epoch: number;
  /** Without zeros at the end: 1.16 and 1.16.0 are the same version. */
  readonly release: readonly number[];
  /** Phase (a, b, rc) and number; undefined: no pre-release. */
  readonly pre: readonly [string, number] | undefined;
  readonly post: number | undefined;
  readonly dev: number | undefined;
  readonly local: string | undefined;
}

const FORM =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
const HAS_POST = /(?:post|rev|r)(?!c)[-_.]?\d*/;
const PHASES: Readonly<Record<string, string>> = {
  ...{ alpha: "a", beta: "b", c: "rc", pre: "rc", preview: "rc" },
};

/** undefined: the text is not a version. */
function parseVersion(text: string): Version | undefined {
  const lower = text.trim().toLowerCase();
  const match = FORM.exec(lower);
  if (match === null) return undefined;
  const [, epoch, release, phase, preNumber, bare, post, dev, devNumber, local] = match;
  const numbers = release.split(".").map(Number);
  while (numbers.length > 1 && numbers.at(-1) === 0) numbers.pop();
  const hasPost = bare !== undefined || (post !== undefined && HAS_POST.test(lower));
  return {
    epoch: Number(epoch ?? 0),
    release: numbers,
    pre: phase === undefined ? undefined : [PHASES[phase] ?? phase, Number(preNumber)],
    post: hasPost ? Number(bare ?? post) : undefined,
    dev: dev === undefined ? undefined : Number(devNumber),
    local: local?.replaceAll(/[-_]/g, "."),
  };
}

/**
 * One text for all spellings of a version: 1.16, 1.16.0 and 0!1.16.0.0 become 1.16. A text that is
 * not a version stays as it is.
 */
export function canonicalVersion(text: string): string {
  const version = parseVersion(text);
  if (version === undefined) return text;
  const { epoch, release, pre, post, dev, local } = version;
  return [
    epoch === 0 ? "" : `${epoch}!`,
    release.join("."),
    pre === undefined ? "" : pre.join(""),
    post === undefined ? "" : `.post${post}`,
    dev === undefined ? "" : `.dev${dev}`,
    local === undefined ? "" : `+${local}`,
  ].join("");
}

/**
 * Whether a version fulfils a comparison, such as `>=` and `3.8` (PEP 440). undefined: the texts are
 * not versions, or the operator is not one for versions.
 */
export function compareVersions(
  left: string,
  operator: string,
  right: string,
): boolean | undefined {
  const version = parseVersion(left);
  const isPrefix = right.endsWith(".*");
  const bound = parseVersion(isPrefix ? right.slice(0, -2) : right);
  if (version === undefined || bound === undefined) return undefined;
  if (isPrefix) {
    const depth = right.split("!").at(-1)!.split(".").length - 1;
    const isWithin = hasPrefix(version, right.slice(0, -2), depth);
    return operator === "==" ? isWithin : operator === "!=" ? !isWithin : undefined;
  }
  const order = compare(version, bound);
  switch (operator) {
    case "==":
      return order === 0 && (bound.local === undefined || bound.local === version.local);
    case "!=":
      return !compareVersions(left, "==", right);
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0 && (isEarly(bound) || !isEarly(version) || !isOfSameRelease(version, bound));
    case ">":
      return order > 0 && !(isLater(version, bound) && isOfSameRelease(version, bound));
    case "~=":
      return isCompatible(left, right, order);
    default:
      return undefined;
  }
}

function isCompatible(left: string, right: string, order: number): boolean | undefined {
  const release = /^v?(?:\d+!)?\d+(?:\.\d+)*/.exec(right.trim())![0].split(".");
  if (release.length < 2) return undefined;
  return order >= 0 && compareVersions(left, "==", `${release.slice(0, -1).join(".")}.*`)!;
}

function hasPrefix(version: Version, prefix: string, depth: number): boolean {
  const wanted = prefix.split("!").at(-1)!.replace(/^v/, "").split(".").map(Number);
  const epoch = prefix.includes("!") ? Number(prefix.split("!", 1)[0]) : 0;
  const own = Array.from({ length: depth }, (_, i) => version.release[i] ?? 0);
  return epoch === version.epoch && wanted.every((each, i) => each === own[i]);
}

function isEarly({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined;
}

/** Whether it only follows the bound as its post-release or as a local build. */
function isLater({ post, local }: Version, bound: Version): boolean {
  return (post !== undefined && bound.post === undefined) || local !== undefined;
}

function isOfSameRelease(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && compareNumbers(a.release, b.release) === 0;
}

/** Negative: a is earlier. Local parts are not compared. */
function compare(a: Version, b: Version): number {
  return (
    a.epoch - b.epoch ||
    compareNumbers(a.release, b.release) ||
    compareNumbers(phaseOf(a), phaseOf(b))
  );
}

/** The parts after the release as numbers: a missing part comes where PEP 440 sorts it. */
function phaseOf({ pre, post, dev }: Version): readonly number[] {
  const isDevOnly = pre === undefined && post === undefined && dev !== undefined;
  const phase = pre === undefined ? (isDevOnly ? -1 : 3) : ["a", "b", "rc"].indexOf(pre[0]);
  return [phase, pre?.[1] ?? 0, post ?? -1, dev ?? Number.MAX_SAFE_INTEGER];
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
