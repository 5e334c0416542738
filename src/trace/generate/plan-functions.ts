import { drawNormal, type RandomStream, type RandomStreams } from "../../basics/random.js";
import { US_PER_MINUTE, US_PER_MS } from "../../basics/units.js";
import {
  AliasTable,
  burrQuantile,
  drawLogNormal,
  drawShares,
  normalQuantilePpnd7,
} from "../distributions/distributions.js";
import {
  BURSTY_CV,
  FUNCTIONS_PER_APP,
  REGULAR_CV,
  RUN_MS,
  TIMER_PERIODS,
  TRIGGERS,
} from "../distributions/fits.js";
import {
  type ArrivalProcess,
  BurstyArrivals,
  GammaArrivals,
  PeriodicArrivals,
} from "./arrival-process.js";
import type { GenerateOptions } from "./generate-options.js";
import { LogNormalRunTimes } from "./log-normal-run-times.js";

const MINUTES_PER_DAY = 1_440;
const BYTES_PER_MB = 1e6;

/** A function of a generated workload, before it has packages. */
export interface PlannedFunction {
  readonly name: string;
  readonly app: string;
  readonly trigger: string;
  readonly memoryBytes: number;
  /** Mean invocations in a day. */
  readonly perDay: number;
  readonly arrivals: ArrivalProcess;
  readonly runTimes: LogNormalRunTimes;
}

type ArrivalClass = "periodic" | "bursty" | "poisson" | "regular";

interface PlannedApp {
  readonly name: string;
  readonly arrivalClass: ArrivalClass;
  /** Mean invocations in a day, of each function. */
  readonly perDay: readonly number[];
  readonly random: RandomStream;
}

/**
 * Draws applications until they have as many functions as the options say, then draws each
 * function.
 */
export function planFunctions(options: GenerateOptions, streams: RandomStreams): PlannedFunction[] {
  const apps: PlannedApp[] = [];
  for (let left = options.functions; left > 0; ) {
    const app = drawApp(apps.length, left, options, streams);
    apps.push(app);
    left -= app.perDay.length;
  }
  const capped = capTopApps(apps, options.topShare);
  const scores = rankScores(capped.flatMap(({ perDay }) => perDay));
  const functions: PlannedFunction[] = [];
  for (const app of capped) {
    const memoryBytes = drawMemory(app, options);
    for (const perDay of app.perDay) {
      const popularity = { perDay, score: scores[functions.length] };
      functions.push(planFunction(`f${functions.length}`, app, popularity, memoryBytes, options));
    }
  }
  return functions;
}

interface Popularity {
  /** Mean invocations in a day. */
  readonly perDay: number;
  /** Its rank among all functions as a standard normal score. */
  readonly score: number;
}

function rankScores(values: readonly number[]): Float64Array {
  const rising = values.map((_, at) => at).sort((a, b) => values[a] - values[b] || a - b);
  const scores = new Float64Array(values.length);
  rising.forEach((at, rank) => {
    scores[at] = normalQuantilePpnd7((rank + 0.5) / values.length);
  });
  return scores;
}

function drawApp(
  index: number,
  functionsLeft: number,
  options: GenerateOptions,
  streams: RandomStreams,
): PlannedApp {
  const name = `a${index}`;
  const random = streams.get(`generate/${name}`);
  const arrivalClass = drawClass(random, options);
  const count = Math.min(drawFunctionCount(random), functionsLeft);
  const total = drawLogNormal(random, options.popularityMu, options.popularitySigma);
  const shares = drawShares(random, count, options.splitConcentration);
  const perDay =
    arrivalClass === "periodic"
      ? shares.map(() => MINUTES_PER_DAY / drawPeriodMinutes(random))
      : shares.map((share) => total * share);
  return { name, arrivalClass, perDay, random };
}

function drawClass(random: RandomStream, options: GenerateOptions): ArrivalClass {
  const u = random.next();
  const { periodicShare, burstyShare, poissonShare } = options;
  if (u < periodicShare) return "periodic";
  if (u < periodicShare + burstyShare) return "bursty";
  return u < periodicShare + burstyShare + poissonShare ? "poisson" : "regular";
}

/** Draws the published shares for 1 to 5 functions, and the published power law above that. */
function drawFunctionCount(random: RandomStream): number {
  return functionCounts.draw(random) + 1;
}

const functionCounts = new AliasTable(functionCountWeights());

function functionCountWeights(): number[] {
  const { shares, exponent, max } = FUNCTIONS_PER_APP;
  const powers = Array.from({ length: max - shares.length }, (_, at) => {
    return (at + shares.length + 1) ** -exponent;
  });
  const tail = 1 - shares.reduce((sum, share) => sum + share, 0);
  const total = powers.reduce((sum, power) => sum + power, 0);
  return [...shares, ...powers.map((power) => (power / total) * tail)];
}

const periods = new AliasTable(TIMER_PERIODS.map(([, share]) => share));

function drawPeriodMinutes(random: RandomStream): number {
  return TIMER_PERIODS[periods.draw(random)][0];
}

/**
 * Slows the busiest applications down until each has at most `topShare` of all invocations. Without
 * this limit, a small sample of a tail this heavy would be one application and little else. With k
 * applications at the limit c and r invocations in the rest, c = topShare (k c + r). Timers keep
 * their periods.
 */
function capTopApps(apps: readonly PlannedApp[], topShare: number): readonly PlannedApp[] {
  const share = Math.max(topShare, 2 / apps.length);
  const totals = apps.map(({ perDay }) => perDay.reduce((sum, each) => sum + each, 0));
  const falling = totals.toSorted((a, b) => b - a);
  let rest = falling.reduce((sum, each) => sum + each, 0);
  let limit = Number.POSITIVE_INFINITY;
  for (let k = 0; k < falling.length && falling[k] > (share * rest) / (1 - k * share); k++) {
    rest -= falling[k];
    if ((k + 1) * share >= 1) break;
    limit = (share * rest) / (1 - (k + 1) * share);
  }
  return apps.map((app, at) => {
    if (totals[at] <= limit || app.arrivalClass === "periodic") return app;
    return { ...app, perDay: app.perDay.map((each) => (each * limit) / totals[at]) };
  });
}

/** Memory of one function: the application's memory, split evenly as InVitro does with Azure's. */
function drawMemory(app: PlannedApp, { memoryC, memoryD, memoryScaleMb }: GenerateOptions): number {
  const megabytes = burrQuantile(app.random.next(), memoryC, memoryD, memoryScaleMb);
  return Math.round((megabytes * BYTES_PER_MB) / app.perDay.length);
}

function planFunction(
  name: string,
  { name: app, arrivalClass, random }: PlannedApp,
  { perDay, score }: Popularity,
  memoryBytes: number,
  options: GenerateOptions,
): PlannedFunction {
  const meanGapUs = (MINUTES_PER_DAY * US_PER_MINUTE) / perDay;
  return {
    name,
    app,
    trigger: drawTrigger(random, arrivalClass, options.periodicShare),
    memoryBytes,
    perDay,
    arrivals: arrivalProcess(random, arrivalClass, meanGapUs, options.burstSpeed),
    runTimes: drawRunTimes(random, score, options),
  };
}

function arrivalProcess(
  random: RandomStream,
  arrivalClass: ArrivalClass,
  meanGapUs: number,
  burstSpeed: number,
): ArrivalProcess {
  const u = random.next();
  switch (arrivalClass) {
    case "periodic":
      return new PeriodicArrivals(meanGapUs);
    case "bursty":
      return new BurstyArrivals(meanGapUs, BURSTY_CV.at(u), burstSpeed);
    case "poisson":
      return new GammaArrivals(meanGapUs, 1);
    case "regular":
      return new GammaArrivals(meanGapUs, REGULAR_CV.at(u));
  }
}

/**
 * Functions on a period are timers. The others are timers often enough for timers to reach their
 * published share of all functions, and have the other triggers in proportion to the published
 * shares.
 */
function drawTrigger(
  random: RandomStream,
  arrivalClass: ArrivalClass,
  periodicShare: number,
): string {
  if (arrivalClass === "periodic") return "timer";
  const timers = TRIGGERS.find(([trigger]) => trigger === "timer")![1];
  const otherTimers = Math.max(0, timers - periodicShare) / (1 - periodicShare);
  let u = random.next();
  if (u < otherTimers) return "timer";
  u = ((u - otherTimers) / (1 - otherTimers)) * (1 - timers);
  for (const [trigger, share] of TRIGGERS) {
    if (trigger === "timer") continue;
    if (u < share) return trigger;
    u -= share;
  }
  return "others";
}

/** A normal pair with rank correlation rho has correlation 2 sin(pi rho / 6) (Pearson, 1907). */
function drawRunTimes(
  random: RandomStream,
  popularityScore: number,
  options: GenerateOptions,
): LogNormalRunTimes {
  const heavy = random.next() < options.heavyTailShare;
  const correlation = 2 * Math.sin((Math.PI * options.runRankCorrelation) / 6);
  const own = Math.sqrt(1 - correlation ** 2);
  const score = correlation * popularityScore + own * drawNormal(random);
  const drawn = Math.exp(options.runMu + options.runSigma * score);
  const meanMs = Math.min(options.runMaxMs, Math.max(RUN_MS.min, drawn));
  const tailRatio = heavy ? options.heavyTailRatio : options.tailRatio;
  return new LogNormalRunTimes(meanMs * US_PER_MS, tailRatio, options.runMaxMs * US_PER_MS);
}
