import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { InputError } from "../../basics/errors.js";
import { RESULT_SCHEMA } from "../../results/result.js";
import { splitSpec } from "../../trace/formats/formats.js";
import { describeSettings } from "../run/describe-run.js";
import { hashCode } from "../run/hash-code.js";
import type { LoadedPolicies } from "../run/load-policy.js";
import { locateTrace } from "../run/locate-trace.js";
import { DEFAULT_COSTS_PATH, describeMachine, SOCKLAB_VERSION } from "../run/provenance.js";
import { catalogueOf } from "../run/read-workload.js";
import type { RunSettings } from "../run/run-settings.js";
import { indexFiles } from "./index-files.js";

/**
 * Hexadecimal digits of a name. There are 2^64 names, so two configurations do not share one by
 * chance.
 */
const NAME_DIGITS = 16;
const TABLE = /\.(csv|txt)(\.gz)?$/;

/**
 * Names configurations by a hash over everything that determines their results: every setting, the
 * content of the trace, catalogue, cost, policy and package files, the code that makes results, and
 * the machine of a real run. The paths of trace and catalogue do not count. Each file is read once.
 */
export class ConfigurationHasher {
  readonly #hashes = new Map<string, Promise<string>>();

  /** Errors: InputError if a file cannot be read. */
  async hash(settings: RunSettings, policies: LoadedPolicies): Promise<string> {
    const { format, path } = splitSpec(locateTrace(settings.trace));
    const catalogue = await catalogueOf(settings.packages, path);
    const isReal = settings.backend === "real";
    const configuration = {
      schema: RESULT_SCHEMA,
      version: SOCKLAB_VERSION,
      code: await this.#once(`code ${isReal}`, () => hashCode(isReal)),
      settings: describeSettings(settings, policies.resolved),
      machine: isReal ? describeMachine() : null,
      packageFiles: await Promise.all(
        (await indexFiles(settings)).map((file) => this.#file(file, "--index")),
      ),
      format: format?.name ?? null,
      trace: await this.#once(`trace ${path}`, () => hashTrace(path)),
      catalogue: catalogue === undefined ? null : await this.#file(catalogue, "--packages"),
      costs: await this.#file(settings.costs ?? DEFAULT_COSTS_PATH, "--costs"),
      policyFiles: await Promise.all(
        policyFiles(policies).map((file) => this.#file(file, "--policy")),
      ),
    };
    const text = canonicalJson(configuration);
    return createHash("sha256").update(text).digest("hex").slice(0, NAME_DIGITS);
  }

  #file(path: string, option: string): Promise<string> {
    return this.#once(`file ${path}`, () => hashFile(path, option));
  }

  #once(key: string, make: () => Promise<string>): Promise<string> {
    const known = this.#hashes.get(key) ?? make();
    this.#hashes.set(key, known);
    return known;
  }
}

/** JSON with keys sorted at every depth, so equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * The policies' modules, and the files that their parameters name. A parameter may also have a word
 * that is not a path.
 */
function policyFiles({ resolved, specs }: LoadedPolicies): readonly string[] {
  const named = Object.entries(resolved.choices).flatMap(([family, { name, parameters }]) => {
    const spec = specs.find((each) => each.family === family && each.name === name);
    return Object.entries(parameters).flatMap(([key, value]) =>
      spec?.parameters[key]?.kind === "path" && typeof value === "string" && existsSync(value)
        ? [value]
        : [],
    );
  });
  return [...resolved.modules, ...named];
}

/**
 * Hashes the files of a folder. For a single table, hashes also the other tables in its folder,
 * which may belong to it.
 */
async function hashTrace(path: string): Promise<string> {
  const found = await stat(path).catch(() => {
    throw new InputError(`${path}: no such file or folder, expected a trace`);
  });
  const isFolder = found.isDirectory();
  const folder = isFolder ? path : dirname(path);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && (TABLE.test(entry.name) || entry.name === basename(path)))
    .map(({ name }) => name)
    .toSorted();
  const hashes = names.map(async (name) => [name, await hashFile(join(folder, name), "trace")]);
  return canonicalJson([isFolder ? "" : basename(path), await Promise.all(hashes)]);
}

async function hashFile(path: string, option: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${option} ${path}: cannot be read (${error.code})`);
  });
  return hash.digest("hex");
}
