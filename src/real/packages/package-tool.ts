import { isAbsolute, resolve } from "node:path";
import { unreachable } from "../../basics/errors.js";
import { FILES_FOLDER } from "./package-metadata.js";

/** Where packages come from. */
export type PackageIndex =
  /** The index that the machine's own configuration of pip or uv names. */
  | { readonly kind: "default" }
  /** A simple index (PEP 503). */
  | { readonly kind: "url"; readonly url: string }
  /** A folder of wheels and source archives. The network is not used. */
  | { readonly kind: "folder"; readonly path: string };

/** The program that installs packages. */
export type PackageTool =
  | { readonly kind: "pip"; readonly python: string }
  | { readonly kind: "uv"; readonly python: string; readonly uv: string };

/** Variables that say how the network is reached. The installer always gets them. */
const NETWORK_VARIABLES =
  /^(?:https?_proxy|no_proxy|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|PIP_CERT|PIP_DEFAULT_TIMEOUT|LANG)$/i;
/** Variables that say where packages are. The installer gets them if no index is named. */
const INDEX_VARIABLES =
  /^(?:PIP_(?:CONFIG_FILE|INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|FIND_LINKS|NO_INDEX)|UV_(?:DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|CONFIG_FILE))$/;
const PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Reads an index from an option: a URL, or the path of a folder. */
export function parseIndex(text: string): PackageIndex {
  if (/^(?:https?|file):\/\//i.test(text)) return { kind: "url", url: text };
  return { kind: "folder", path: isAbsolute(text) ? text : resolve(text) };
}

/** What the tool shall do in a staging folder. */
export type ToolJob =
  /** Install one pinned package, without its dependencies, into the folder's `site-packages`. */
  | { readonly kind: "install"; readonly key: string }
  /** Do the same with the package in the folder's list, whose hashes must be those of the list. */
  | { readonly kind: "install-listed" }
  /** Find versions for the requirements in the folder's list and for all that they depend on. */
  | { readonly kind: "resolve" };

/** Folder next to a package's files in a staging folder, for everything else that the tool writes. */
export const HOME_FOLDER = "home";
/** Files of a staging folder: the requirements, and limits on their versions. */
export const LIST_FILE = "requirements.txt";
export const LIMITS_FILE = "constraints.txt";
/** What `resolve` writes into the home folder: a list of requirements (uv), or a report (pip). */
export const LOCK_FILE = "lock";

/** The command for a job. `folder`: the staging folder, as the tool sees it. */
export function toolCommand(
  tool: PackageTool,
  index: PackageIndex,
  job: ToolJob,
  folder: string,
): readonly [program: string, ...args: string[]] {
  return job.kind === "resolve"
    ? resolveCommand(tool, index, folder)
    : installCommand(tool, index, job, folder);
}

function installCommand(
  tool: PackageTool,
  index: PackageIndex,
  job: Exclude<ToolJob, { kind: "resolve" }>,
  folder: string,
): readonly [program: string, ...args: string[]] {
  const from = indexArguments(index);
  const target = `${folder}/${FILES_FOLDER}`;
  const what =
    job.kind === "install" ? ["--", job.key] : ["--require-hashes", "-r", `${folder}/${LIST_FILE}`];
  if (tool.kind === "uv") {
    const how = ["--no-deps", "--no-cache", "--link-mode", "copy", "--compile-bytecode"];
    const where = ["--python", tool.python, "--target", target];
    return [tool.uv, "pip", "install", "--color", "never", ...how, ...where, ...from, ...what];
  }
  const how = ["--no-deps", "--no-cache-dir", "--target", target];
  return [tool.python, ...PIP_INSTALL, ...how, ...from, ...what];
}

const PIP_INSTALL = [
  ...["-I", "-m", "pip", "--disable-pip-version-check", "install"],
  ...["--no-input", "--no-color", "--quiet"],
];

function resolveCommand(
  tool: PackageTool,
  index: PackageIndex,
  folder: string,
): readonly [program: string, ...args: string[]] {
  const from = indexArguments(index);
  const what = ["-c", `${folder}/${LIMITS_FILE}`];
  const lock = `${folder}/${HOME_FOLDER}/${LOCK_FILE}`;
  const list = `${folder}/${LIST_FILE}`;
  if (tool.kind === "uv") {
    const how = ["--color", "never", "--quiet", "--no-cache", "--no-header", "--no-annotate"];
    const where = ["--python", tool.python, "-o", lock];
    return [tool.uv, "pip", "compile", ...how, ...where, ...from, ...what, list];
  }
  const how = ["--dry-run", "--ignore-installed", "--no-cache-dir", "--report", lock];
  return [tool.python, ...PIP_INSTALL, ...how, ...from, ...what, "-r", list];
}

/**
 * The installer's whole environment. `home` is a folder for everything that it writes besides the
 * package.
 */
export function installEnvironment(
  index: PackageIndex,
  home: string,
  inherited: Readonly<NodeJS.ProcessEnv>,
): Record<string, string> {
  const given = installVariables(index, inherited);
  const environment = { PATH: PATHS, HOME: home, TMPDIR: home, ...given };
  return index.kind === "default" ? environment : { ...environment, PIP_CONFIG_FILE: "/dev/null" };
}

/** The part of the worker's environment that an installer gets. */
export function installVariables(
  index: PackageIndex,
  inherited: Readonly<NodeJS.ProcessEnv>,
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    const isWanted =
      NETWORK_VARIABLES.test(name) || (index.kind === "default" && INDEX_VARIABLES.test(name));
    if (isWanted && value !== undefined) given[name] = value;
  }
  return given;
}

const CAUSE = "cause: ";

/** The last message of an installer, on one line; with uv the innermost cause follows. */
export function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => line !== "" && !/^(?:WARNING|\[notice\])/.test(line));
  const errors = said.filter((line) => /^error:/i.test(line));
  const last = errors.at(-1) ?? said.at(-1) ?? "it said nothing";
  const cause = said.findLast((line) => line.startsWith(CAUSE))?.slice(CAUSE.length);
  return [last.replace(/^error:\s*/i, ""), ...(cause === undefined ? [] : [cause])].join(": ");
}

export function indexArguments(index: PackageIndex): readonly string[] {
  switch (index.kind) {
    case "default":
      return [];
    case "url":
      return ["--index-url", index.url];
    case "folder":
      return ["--no-index", "--find-links", index.path];
    default:
      return unreachable(index);
  }
}
