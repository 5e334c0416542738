import { ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import type { Stand } from "./stand.js";
import { costOf } from "./summary.js";

const CONTAINER = 0;
/** Requested times of the runs, one run each per round. */
const RUNS_US = [50_000, 100_000, 200_000];

/**
 * Measures the ratio of a handler's own time to the requested time in long runs, for handlers that
 * mostly wait.
 */
export async function measureRuns(
  stand: Stand,
  samples: number,
  fixedUs: number,
): Promise<CostFindings> {
  await stand.container(CONTAINER, stand.workload.plain, ROOT_ZYGOTE_ID);
  const scales: number[] = [];
  for (let round = 0; round < samples; round++) {
    for (const askedUs of RUNS_US) {
      const { runUs } = await stand.run(CONTAINER, askedUs, await stand.due());
      scales.push((runUs - fixedUs) / askedUs);
    }
  }
  await stand.destroyContainer(CONTAINER);
  return {
    costs: {
      runScale: costOf(
        scales,
        "ratio",
        "handler's own time minus runFixed, divided by the requested 50, 100 or 200 ms",
      ),
    },
  };
}
