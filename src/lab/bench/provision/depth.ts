import { NONE } from "../../../basics/none.js";
import type { BenchFindings } from "../findings.js";
import { NOTHING_SET } from "../package-sets.js";
import { withRig } from "../rig.js";
import type { ProvisionSetup } from "./setup.js";
import { sourceOf, WARM_UPS } from "./starts.js";

const DOES =
  "a lean container is forked from the Zygote at that depth and imports what is missing, until its first answer";
const DEPTHS = 4;
const MOST_SLOW_SAMPLES = 25;

/**
 * Measures starts from Zygotes that are forked from Zygotes, 1 to 4 deep. First all are empty,
 * which shows the cost of depth itself. Then each has one package more than its parent, which shows
 * what depth saves.
 */
export async function measureDepth(setup: ProvisionSetup, findings: BenchFindings): Promise<void> {
  const { sets } = setup;
  await measureChain("nested Zygotes, empty", [[], [], [], []], setup, findings);
  // the root has no package, and each below it adds the next heavier set
  const heavier = sets
    .filter(({ packages }) => packages.length === 1)
    .slice(1 - DEPTHS)
    .map(({ packages }) => packages);
  await measureChain("nested Zygotes, one more package each", [[], ...heavier], setup, findings);
}

async function measureChain(
  contender: string,
  added: readonly (readonly string[])[],
  { installed, samples, context, sets }: ProvisionSetup,
  findings: BenchFindings,
): Promise<void> {
  const packages = added.flat();
  const imports = sets
    .filter((set) => set.packages.length === 1 && packages.includes(set.packages[0]))
    .map((each) => each.imports)
    .join("\n");
  const functions = [{ source: sourceOf({ ...NOTHING_SET, imports }), packages }];
  const byDepth: number[][] = added.map(() => []);
  await withRig({ installed, functions }, async (rig) => {
    const chain: number[] = [];
    for (const each of added) chain.push(await rig.zygote(chain.at(-1) ?? NONE, each));
    for (let left = WARM_UPS; left > 0; left--) {
      await rig.start(0, chain.at(-1)!);
      await rig.end();
    }
    for (let at = 0; at < samples; at++) {
      for (const [depth, zygote] of chain.entries()) {
        context.signal.throwIfAborted();
        const isWhole = depth === chain.length - 1 || packages.length === 0;
        if (!isWhole && at >= MOST_SLOW_SAMPLES) continue;
        byDepth[depth].push((await rig.start(0, zygote)).firstAnswerUs);
        await rig.end();
      }
    }
  });
  const what = packages.length === 0 ? "nothing" : packages.join(", ");
  const metric = `first answer with ${what}`;
  for (const [depth, values] of byDepth.entries()) {
    const parameter = ["depth", depth + 1] as const;
    findings.add({ contender, does: DOES, metric, unit: "us", parameter }, values);
  }
}
