import type { Bench } from "./bench.js";
import { cachesBench } from "./caches.js";
import { containersBench } from "./containers.js";
import { imageBench } from "./image.js";
import { primitivesBench } from "./primitives.js";
import { provisionBench } from "./provision.js";

/** Every bench, in the order in which `all` runs them. */
export const BENCH_LIST: readonly Bench[] = [
  containersBench,
  primitivesBench,
  provisionBench,
  cachesBench,
  imageBench,
];
