import type { Bench } from "./bench.js";
import { containersBench } from "./containers.js";
import { primitivesBench } from "./primitives.js";

/** Every bench, in the order in which `all` runs them. */
export const BENCH_LIST: readonly Bench[] = [containersBench, primitivesBench];
