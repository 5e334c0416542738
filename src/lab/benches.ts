import type { Bench } from "./bench/bench.js";
import { cachesBench } from "./bench/caches.js";
import { containersBench } from "./bench/containers.js";
import { imageBench } from "./bench/image/image.js";
import { primitivesBench } from "./bench/primitives/primitives.js";
import { provisionBench } from "./bench/provision/provision.js";

/** Every bench, in the order in which `all` runs them. */
export const BENCH_LIST: readonly Bench[] = [
  containersBench,
  primitivesBench,
  provisionBench,
  cachesBench,
  imageBench,
];
