import { US_PER_MINUTE } from "../basics/units.js";
import type { Result } from "../results/result.js";
import { describeCatalogue, describeCosts } from "../results/result-text.js";
import type { Dataset } from "./dataset.js";
import { formatMemory, formatValue } from "./format-cell.js";

/** What ran, where, and with which inputs, so that a reader knows what the numbers are of. */
export function factsOf({ results, configurations, labels, trace }: Dataset) {
  const distinct = (of: (result: Result) => string) => [...new Set(results.map(of))].join(", ");
  const spans = results.map(({ run }) => Math.round(run.spanUs / US_PER_MINUTE) * US_PER_MINUTE);
  const memories = [...new Set(configurations.map(({ memoryBytes }) => memoryBytes))];
  memories.sort((a, b) => (a ?? Number.MAX_VALUE) - (b ?? Number.MAX_VALUE));
  const seeds = [...new Set(results.map(({ run }) => run.seed))].sort((a, b) => a - b);
  const sizes = memories.length > 3 ? [memories[0]!, memories.at(-1)!] : memories;
  const memory = sizes.map(formatMemory).join(memories.length > 3 ? " to " : ", ");
  const cores = distinct(({ run }) => String(run.cores));
  const disk = distinct(({ run }) => formatMemory(run.diskBytes));
  return [
    ["trace", trace],
    ["span", rangeOf(spans, (us) => formatValue(us, "microseconds"))],
    [
      "invocations",
      rangeOf(
        results.map(({ invocations }) => invocations.total),
        (count) => count.toLocaleString("en-US"),
      ),
    ],
    ["policies", labels.join(", ")],
    ["memory", memories.length > 3 ? `${memory} (${memories.length} sizes)` : memory],
    ["machine", `${cores} cores, disk ${disk}, ${distinct(({ run }) => run.backend)}`],
    [
      "packages",
      distinct(({ run }) => (run.inputs ? describeCatalogue(run.inputs) : run.options.packages)),
    ],
    ["costs", distinct(({ run }) => (run.inputs ? describeCosts(run.inputs) : run.options.costs))],
    ["seeds", seeds.join(", ")],
    ["made by", distinct(({ run }) => `socklab ${run.version} (${run.commit})`)],
  ] as const;
}

/** `2.5 h`, or `2.5 h to 2.67 h` if the values differ. */
function rangeOf(values: readonly number[], format: (value: number) => string): string {
  const ends = [Math.min(...values), Math.max(...values)].map(format);
  return [...new Set(ends)].join(" to ");
}
