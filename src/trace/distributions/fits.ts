/**
 * Published distributions of serverless workloads and of Python packages, as fitted to public data.
 *
 * Azure: the Azure Functions trace of 2019 (Shahrad et al., USENIX ATC 2020), day 1 unless said;
 * inter-arrival CVs as ServerlessBench (Yu et al., SoCC 2020) computed them for every application.
 * Packages: ReqBench and Forklift (github.com/open-lambda), 6,783 resolved requirement files.
 */
import { QuantileTable } from "./distributions.js";

/** Azure: invocations per day of an application; natural logarithms. */
export const APP_INVOCATIONS = { mu: 5.089, sigma: 3.164 } as const;

/** Azure: share of all invocations that belongs to the busiest application. */
export const TOP_APP_SHARE = 0.14;

/** Azure: probability of 1, 2, ... functions in an application; for more, P(k) ~ k^-exponent. */
export const FUNCTIONS_PER_APP = {
  shares: [0.503, 0.22, 0.095, 0.051, 0.035],
  exponent: 2.62,
  max: 298,
} as const;

/** Azure: triggers by share of functions. */
export const TRIGGERS = [
  ["http", 0.37],
  ["timer", 0.29],
  ["queue", 0.18],
  ["orchestration", 0.11],
  ["storage", 0.023],
  ["event", 0.02],
  ["others", 0.007],
] as const;

/** Azure: periods of periodic timers in minutes, by share of timers. */
export const TIMER_PERIODS = [
  [1, 0.145],
  [5, 0.155],
  [60, 0.12],
  [15, 0.045],
  [10, 0.035],
  [3, 0.035],
  [2, 0.025],
  [4, 0.025],
  [30, 0.025],
] as const;

/** Azure: applications by coefficient of variation (CV) of their inter-arrival times. */
export const ARRIVAL_CLASSES = { periodic: 0.23, bursty: 0.36, poisson: 0.05 } as const;

/**
 * Azure: CV of bursty applications, given that it is above 1.1 (the p99 over all of them is 33).
 */
export const BURSTY_CV = new QuantileTable([
  [0, 1.1],
  [0.325, 2],
  [0.7245, 5],
  [0.8623, 9.2],
  [0.9725, 33],
  [1, 50],
]);

/** Azure: CV of the applications that are neither exactly periodic nor Poisson nor bursty. */
export const REGULAR_CV = new QuantileTable([
  [0, 0.01],
  [0.259, 0.1],
  [0.752, 0.52],
  [1, 0.9],
]);

/** Azure, all days: mean run time of a function in ms; natural logarithms. */
export const RUN_MS = { mu: 6.48, sigma: 2.494, min: 1, max: 600_000 } as const;

/** Azure: rank correlation of a function's invocations and mean run time. */
export const RUN_RANK_CORRELATION = -0.27;

/**
 * Azure: p99 / p50 of the run times of one function: in the median function, and in the upper
 * quarter.
 */
export const RUN_TAIL = { ratio: 3.3, heavyRatio: 9.7, heavyShare: 0.25 } as const;

/** Azure: memory of an application in MB, Burr type XII. */
export const APP_MEMORY_MB = { c: 13.19, d: 0.239, scale: 113.3 } as const;

/** Packages: how many a requirement file names directly; lognormal, rounded, at least 1. */
export const DIRECT_COUNT = { mu: 1.324, sigma: 1.056 } as const;

/** Packages: how often the r-th most named is named directly, (r + q)^-s. */
export const DIRECT_POPULARITY = { s: 1.092, q: 10.9 } as const;

/** Packages: share of a name's uses that its most used, second most used, ... version has. */
export const VERSION_SHARES = [0.83, 0.07, 0.03, 0.016, 0.011] as const;

/** Packages: distinct names per package among the 500 most used versions. */
export const NAMES_PER_PACKAGE = 386 / 500;

/** Packages: `pip install --no-deps` from a warm download cache, ms. */
export const INSTALL_MS = new QuantileTable([
  [0, 430],
  [0.1, 481],
  [0.25, 499],
  [0.5, 540],
  [0.75, 609],
  [0.9, 860],
  [0.95, 1_224],
  [0.99, 2_320],
  [1, 5_321],
]);

/** Packages: size on disk, MB. */
export const DISK_MB = new QuantileTable([
  [0, 0.01],
  [0.1, 0.04],
  [0.25, 0.11],
  [0.5, 0.35],
  [0.75, 1.16],
  [0.9, 5.4],
  [0.95, 14.3],
  [0.99, 72],
  [1, 255],
]);

/**
 * Packages: exclusive import time, measured in OpenLambda, ms; 14.5 % of the packages import
 * nothing.
 */
export const IMPORT_MS = new QuantileTable([
  [0.145, 0.05],
  [0.25, 0.18],
  [0.5, 1.5],
  [0.75, 7.6],
  [0.9, 18.5],
  [0.95, 39],
  [0.99, 138],
  [1, 358],
]);

/** Packages: Python heap that an exclusive import adds, measured in OpenLambda, MB. */
export const HEAP_MB = new QuantileTable([
  [0.318, 0.005],
  [0.5, 0.03],
  [0.75, 0.26],
  [0.9, 0.8],
  [0.95, 1.87],
  [0.99, 5.7],
  [1, 11.1],
]);

/** Packages: correlations of the logarithms of a package's costs. */
export const COST_CORRELATIONS = {
  importDisk: 0.24,
  importHeap: 0.905,
  heapDisk: 0.09,
  installDisk: 0.76,
} as const;

/**
 * Packages: process memory per byte of Python heap. Containers of OpenLambda needed 13.4 MiB + 4.4
 * x the sum of their packages' heap (r2 0.79), because allocators and native libraries are outside
 * the heap.
 */
export const MEMORY_PER_HEAP = 4.4;

/** Packages: share that depends on no other package, and how many the others name directly. */
export const DEPENDENCIES = { noneShare: 0.53, mu: 1, sigma: 0.8, max: 18 } as const;

/**
 * Downloaded bytes per byte on disk: an estimate and not a measurement. pip unpacks and
 * byte-compiles a wheel: numpy 1.25.2 is 18.2 MB at PyPI and 72.0 MB when it is installed.
 */
export const DOWNLOAD_PER_DISK = 0.25;
