import { ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import type { Stand } from "./stand.js";
import { costOf } from "./summary.js";

const CONTAINER = 0;
/** Runs asked for, and how often for each round of samples. */
const RUNS_US = [50_000, 100_000, 200_000];

/** Handlers that mostly wait: their own time over what was asked for, in long runs. */
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
        "handler's own time less runFixed over the 50, 100 or 200 ms asked for",
      ),
    },
  };
}
