import { drawNormal, type RandomStream, type RandomStreams } from "../../basics/random.js";
import { BYTES_PER_MIB, US_PER_MS } from "../../basics/units.js";
import type { Package } from "../../contract/workload.js";
import {
  AliasTable,
  drawDiscretisedLogNormal,
  normalCdf,
  zipfMandelbrotWeights,
} from "../distributions/distributions.js";
import {
  COST_CORRELATIONS,
  DEPENDENCIES,
  DIRECT_POPULARITY,
  DISK_MB,
  DOWNLOAD_PER_DISK,
  HEAP_MB,
  IMPORT_MS,
  INSTALL_MS,
  MEMORY_PER_HEAP,
  NAMES_PER_PACKAGE,
  VERSION_SHARES,
} from "../distributions/fits.js";
import type { PackageCatalogue } from "../packages/package-catalogue.js";
import { drawPackageNames } from "./package-names.js";

/**
 * How strongly dependencies concentrate on few names: the j-th most depended-on name has weight (j
 * + q)^-s. The values make closures as large and as deep as published ones (a test states how
 * near).
 */
const DEPENDED_ON = { s: 1.3, q: 8 } as const;
const BYTES_PER_MB = 1e6;

/** One name, before its versions are made. */
interface NamedPackage {
  readonly name: string;
  readonly popularity: number;
  readonly costs: CostScores;
  /** Names it depends on, as positions in the list of names. */
  readonly dependencies: readonly number[];
}

/** A package's costs as standard normal scores, correlated as their logarithms are. */
interface CostScores {
  readonly disk: number;
  readonly install: number;
  readonly import: number;
  readonly heap: number;
}

/** How popularity falls from one directly named package to the next. */
export interface PopularityLaw {
  readonly s: number;
  readonly q: number;
}

/**
 * A catalogue of `count` invented packages. Their costs, dependencies, versions and popularity are
 * distributed as those of real Python packages (fits.ts). Ids are in order of falling popularity.
 */
export function generateCatalogue(
  count: number,
  streams: RandomStreams,
  law: PopularityLaw = DIRECT_POPULARITY,
): PackageCatalogue {
  const names = drawNames(Math.max(1, Math.round(count * NAMES_PER_PACKAGE)), streams, law);
  const versions = drawVersions(names, count, streams.get("catalogue/versions"));
  const packages = versions
    .map((version) => ({ ...version, popularity: popularityOf(version, names) }))
    .sort((a, b) => b.popularity - a.popularity || a.at - b.at || a.rank - b.rank);
  const idsByName: number[][] = names.map(() => []);
  packages.forEach(({ at }, id) => {
    idsByName[at].push(id);
  });
  const pins = streams.get("catalogue/pins");
  const jitter = streams.get("catalogue/version-costs");
  return {
    source: "invented packages after published distributions",
    kind: "invented",
    packages: packages.map(({ at, rank, popularity }): Package => {
      const { name, costs, dependencies } = names[at];
      return {
        name,
        version: `${1 + (at % 4)}.${VERSION_SHARES.length * 2 - rank}.0`,
        dependencies: dependencies.map((other) => pickVersion(pins, idsByName[other])),
        ...costsOf(rank === 0 ? costs : jittered(jitter, costs)),
        popularity: Number(popularity.toPrecision(6)),
      };
    }),
    requirementSets: [],
  };
}

function drawNames(count: number, streams: RandomStreams, law: PopularityLaw): NamedPackage[] {
  const names = drawPackageNames(streams.get("catalogue/names"), count);
  const popularity = zipfMandelbrotWeights(count, law.s, law.q);
  const costs = streams.get("catalogue/costs");
  const dependencies = drawDependencies(streams.get("catalogue/dependencies"), count);
  return names.map((name, at) => ({
    name,
    popularity: popularity[at],
    costs: drawCosts(costs),
    dependencies: dependencies[at],
  }));
}

/**
 * Dependencies of each name. The names have a random order of depth, and no name depends on a later
 * one, so there is no cycle. The earlier a name is, the more names depend on it.
 */
function drawDependencies(random: RandomStream, count: number): number[][] {
  const { noneShare, mu, sigma, max } = DEPENDENCIES;
  const order = shuffled(random, count);
  const dependencies: number[][] = order.map(() => []);
  for (let depth = 1; depth < count; depth++) {
    if (random.next() < noneShare) continue;
    const wanted = Math.min(drawDiscretisedLogNormal(random, mu, sigma), max, depth);
    const table = new AliasTable(zipfMandelbrotWeights(depth, DEPENDED_ON.s, DEPENDED_ON.q));
    const chosen = new Set<number>();
    while (chosen.size < wanted) chosen.add(order[table.draw(random)]);
    dependencies[order[depth]] = [...chosen];
  }
  return dependencies;
}

/** Fisher and Yates' shuffle of 0 to count - 1. */
function shuffled(random: RandomStream, count: number): number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

interface PackageVersion {
  /** Position of its name. */
  readonly at: number;
  /** 0 for the most used version of the name. */
  readonly rank: number;
}

/**
 * One version of every name, and further versions of popular names up to the size of the catalogue.
 */
function drawVersions(
  names: readonly NamedPackage[],
  count: number,
  random: RandomStream,
): PackageVersion[] {
  const versions = names.map((_, at) => ({ at, rank: 0 }));
  const next = names.map(() => 1);
  const table = new AliasTable(names.map(({ popularity }) => popularity));
  while (versions.length < count) {
    const at = table.draw(random);
    if (next[at] < VERSION_SHARES.length) versions.push({ at, rank: next[at]++ });
  }
  return versions;
}

function popularityOf({ at, rank }: PackageVersion, names: readonly NamedPackage[]): number {
  return names[at].popularity * VERSION_SHARES[rank];
}

/** Picks one version of a name in proportion to its use. `ids` are in order of use. */
function pickVersion(random: RandomStream, ids: readonly number[]): number {
  const total = VERSION_SHARES.slice(0, ids.length).reduce((sum, share) => sum + share, 0);
  let left = random.next() * total;
  const found = ids.find((_, rank) => {
    left -= VERSION_SHARES[rank];
    return left < 0;
  });
  return found ?? ids[0];
}

/**
 * Correlated scores (a Gaussian copula). Install follows disk. Heap follows disk and import with
 * weights a and b that give both published correlations: a + b r = heapDisk and a r + b =
 * importHeap, r being the correlation of import and disk.
 */
function drawCosts(random: RandomStream): CostScores {
  const { importDisk: r, importHeap, heapDisk, installDisk } = COST_CORRELATIONS;
  const disk = drawNormal(random);
  const imported = follow(r, disk, random);
  const b = (importHeap - r * heapDisk) / (1 - r * r);
  const a = heapDisk - b * r;
  const own = Math.sqrt(1 - a * a - b * b - 2 * a * b * r);
  const heap = a * disk + b * imported + own * drawNormal(random);
  return { disk, import: imported, heap, install: follow(installDisk, disk, random) };
}

/** A standard normal score with the given correlation to another score. */
function follow(correlation: number, score: number, random: RandomStream): number {
  return correlation * score + Math.sqrt(1 - correlation ** 2) * drawNormal(random);
}

/** Scores of another version of a package: its costs are nearly the same. */
function jittered(random: RandomStream, scores: CostScores): CostScores {
  return {
    disk: follow(0.99, scores.disk, random),
    install: follow(0.99, scores.install, random),
    import: follow(0.99, scores.import, random),
    heap: follow(0.99, scores.heap, random),
  };
}

function costsOf(scores: CostScores) {
  const diskBytes = Math.round(DISK_MB.at(normalCdf(scores.disk)) * BYTES_PER_MB);
  const heapMb = HEAP_MB.at(normalCdf(scores.heap));
  return {
    installUs: Math.round(INSTALL_MS.at(normalCdf(scores.install)) * US_PER_MS),
    downloadBytes: Math.round(diskBytes * DOWNLOAD_PER_DISK),
    diskBytes,
    importUs: Math.round(IMPORT_MS.at(normalCdf(scores.import)) * US_PER_MS),
    memoryBytes: Math.round(heapMb * MEMORY_PER_HEAP * BYTES_PER_MIB),
  };
}
