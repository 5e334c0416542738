import { InputError } from "../../basics/errors.js";
import type { RandomStreams } from "../../basics/random.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { importedBytes } from "../../contract/footprint.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { Application, Catalogue, FunctionProfile, Workload } from "../../contract/workload.js";
import { burrQuantile } from "../distributions/distributions.js";
import { APP_MEMORY_MB } from "../distributions/fits.js";
import type { ArrivalOptions, Trace, TraceFunction } from "../trace.js";
import { packageKey } from "./catalogue.js";
import type { PackageCatalogue } from "./package-catalogue.js";
import {
  closeOverDependencies,
  NO_REQUIREMENTS,
  RequirementDraw,
  type Requirements,
} from "./requirements.js";

/** Memory of a function's own code and data: the handler size of SOCK's pipbench. */
const HANDLER_BYTES = BYTES_PER_MIB;
const BYTES_PER_MB = 1e6;

/** How a trace is joined. The streams of its arrivals are those of the join. */
export interface JoinOptions extends Omit<ArrivalOptions, "streams"> {
  /** Memory of an interpreter that has imported nothing, as the run's costs say. */
  readonly interpreterBytes: number;
}

/**
 * Gives each function of a trace its packages and memory, and numbers its applications by first
 * appearance. `catalogue` undefined: no function has packages.
 *
 * A function that names its requirements keeps them, with all that they depend on. A function that
 * names no requirements draws some from the stream with its name, so neither its popularity nor the
 * other functions of the cut influence them: in the Azure trace of 2019, popularity is hardly
 * correlated with memory (rank correlation 0.02), nor, in ReqBench, with the import time of
 * packages (0.06).
 *
 * A container's memory is the trace's: all bytes of a container that shares nothing, interpreter and
 * packages included. It is at least an interpreter, its closure and a small handler. If the trace
 * has no memory, each application draws its memory from the distribution of Azure's applications,
 * and each of its functions loads the whole application.
 *
 * Errors: InputError, with the function's name, if the catalogue lacks one of its requirements or
 * the function names a package twice.
 */
export function joinPackages(
  trace: Trace,
  catalogue: PackageCatalogue | undefined,
  streams: RandomStreams,
  { interpreterBytes, ...options }: JoinOptions,
): Workload {
  const requirementsOf = requirementSource(trace, catalogue, streams);
  const known: Catalogue = catalogue ?? { source: "none", packages: [] };
  const apps = new Map<string, number>();
  const applications: Application[] = [];
  const functions = trace.functions.map((each): FunctionProfile => {
    if (!apps.has(each.app)) {
      apps.set(each.app, apps.size);
      applications.push(applicationOf(each, streams));
    }
    const { direct, closure } = requirementsOf(each);
    const memoryBytes = each.memoryBytes ?? drawAppMemory(each.app, streams);
    return {
      name: each.name,
      app: apps.get(each.app)!,
      ...(each.trigger !== "unknown" && { trigger: each.trigger }),
      ...(each.owner !== undefined && { owner: each.owner }),
      memoryBytes: Math.max(
        Math.round(memoryBytes),
        interpreterBytes + importedBytes(closure, known.packages) + HANDLER_BYTES,
      ),
      requirements: direct,
      closure,
      weight: each.invocations ?? 1,
    };
  });
  return {
    trace: trace.path,
    ...(trace.caveat !== undefined && { caveat: trace.caveat }),
    functions,
    applications,
    origins: trace.functions.map(({ app, owner = "", trigger }) => ({
      application: app,
      owner,
      trigger,
    })),
    catalogue: known,
    drawnPackages: catalogue === undefined ? 0 : trace.functions.filter(namesNone).length,
    spanUs: trace.spanUs,
    expectedInvocations: trace.expectedInvocations,
    arrivals: () => trace.arrivals({ ...options, streams }),
  };
}

/** Whether the trace leaves open which packages the function needs. */
function namesNone({ requirements }: TraceFunction): boolean {
  return requirements === undefined;
}

/** Its memory is known if the trace has it, or if none of its functions has any. */
function applicationOf(each: TraceFunction, streams: RandomStreams): Application {
  const { app: name, memoryBytes, appMemoryBytes } = each;
  if (memoryBytes !== undefined) return { name, memoryBytes: appMemoryBytes };
  return { name, memoryBytes: appMemoryBytes ?? Math.round(drawAppMemory(name, streams)) };
}

function drawAppMemory(app: string, streams: RandomStreams): number {
  const { c, d, scale } = APP_MEMORY_MB;
  return burrQuantile(streams.get(`memory/${app}`).next(), c, d, scale) * BYTES_PER_MB;
}

function requirementSource(
  trace: Trace,
  catalogue: PackageCatalogue | undefined,
  streams: RandomStreams,
): (each: TraceFunction) => Requirements {
  if (catalogue === undefined) return () => NO_REQUIREMENTS;
  const draw = new RequirementDraw(catalogue);
  const ids = new Map(catalogue.packages.map((each, id) => [packageKey(each), id]));
  return ({ name, requirements }) => {
    if (requirements === undefined) return draw.draw(streams.get(`packages/${name}`));
    const direct = requirements.map((key) => findPackage(trace, catalogue, ids, name, key));
    checkOneVersion(trace, catalogue, name, direct);
    return {
      direct: new PackageSet(direct),
      closure: closeOverDependencies(catalogue, direct),
    };
  };
}

function findPackage(
  trace: Trace,
  catalogue: Catalogue,
  ids: ReadonlyMap<string, PackageId>,
  functionName: string,
  key: string,
): PackageId {
  const id = ids.get(key);
  if (id !== undefined) return id;
  throw new InputError(
    `${trace.path}: function ${functionName} requires ${key}, which the catalogue (${catalogue.source}) lacks: give the trace's own with --packages`,
  );
}

function checkOneVersion(
  trace: Trace,
  { packages }: Catalogue,
  functionName: string,
  direct: readonly PackageId[],
): void {
  const names = new Set<string>();
  for (const id of direct) {
    const { name } = packages[id];
    if (names.has(name)) {
      throw new InputError(
        `${trace.path}: function ${functionName} requires ${name} twice, expected one version`,
      );
    }
    names.add(name);
  }
}
