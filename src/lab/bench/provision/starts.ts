import { NONE } from "../../../basics/none.js";
import type { BenchFindings } from "../findings.js";
import type { ImportSet } from "../package-sets.js";
import { withRig } from "../rig.js";
import type { ProvisionSetup } from "./setup.js";

/** Limit on the samples of starts that import, because these take much longer than the others. */
const MOST_SLOW_SAMPLES = 25;
/**
 * Starts from a Zygote before the counted ones: at the eighth, the Zygote is moved into huge pages.
 */
export const WARM_UPS = 12;

export const FRESH = "fresh container";
const ROOT = "root Zygote";
export const FITTING = "fitting Zygote";

const TO_ANSWER = "until the handler has answered its first request";
const DOES = {
  [FRESH]: "a lean container with a new interpreter, which imports the packages",
  [ROOT]: "a lean container forked from a Zygote without packages, which imports them",
  [FITTING]: "a lean container forked from a Zygote that has imported the packages",
} as const;

/**
 * The factor that the SOCK paper reports for all three caches over containers without Zygotes. It
 * is the aim for numpy and pandas, which are heavy and common.
 */
const PAPER_PACKAGES = 45;
/** The factor that the SOCK paper reports for a Zygote over a lean container without one. */
const PAPER_ZYGOTE = 3;
const AIMED_AT = /numpy|pandas|all of these/;

/**
 * Measures the first answer with each set of packages: cold, from the root Zygote, and from a
 * Zygote that has them.
 */
export async function measureStarts(setup: ProvisionSetup, findings: BenchFindings): Promise<void> {
  for (const set of setup.sets) {
    setup.context.signal.throwIfAborted();
    await measureSet(set, setup, findings);
  }
}

async function measureSet(
  set: ImportSet,
  { installed, samples, context }: ProvisionSetup,
  findings: BenchFindings,
): Promise<void> {
  const hasPackages = set.packages.length > 0;
  const functions = [{ source: sourceOf(set), packages: set.packages }];
  const metric = `first answer with ${set.name}`;
  const firsts = { [FRESH]: [] as number[], [ROOT]: [] as number[], [FITTING]: [] as number[] };
  const interpreterUs: number[] = [];
  const importUs: number[] = [];
  await withRig({ installed, functions }, async (rig) => {
    const root = await rig.zygote(NONE, []);
    const fitting = hasPackages ? await rig.zygote(root, set.packages) : root;
    for (let left = WARM_UPS; left > 0; left--) {
      await rig.start(0, fitting);
      await rig.end();
    }
    const isSlow = (contender: string) =>
      contender === FRESH || (contender === ROOT && hasPackages);
    for (let at = 0; at < samples; at++) {
      context.signal.throwIfAborted();
      for (const [contender, from] of [
        [FRESH, NONE],
        [ROOT, root],
        [FITTING, fitting],
      ] as const) {
        if (isSlow(contender) && at >= MOST_SLOW_SAMPLES) continue;
        if (contender === FITTING && !hasPackages) continue;
        const { firstAnswerUs, phaseUs } = await rig.start(0, from);
        await rig.end();
        firsts[contender].push(firstAnswerUs);
        if (contender !== FRESH) continue;
        interpreterUs.push(phaseUs.create);
        importUs.push(phaseUs.import + phaseUs.load);
      }
    }
  });
  const caseOf = (contender: keyof typeof firsts) => {
    return { contender, does: `${DOES[contender]}; ${TO_ANSWER}`, metric, unit: "us" } as const;
  };
  const fresh = findings.add(caseOf(FRESH), firsts[FRESH]);
  const root = findings.add(caseOf(ROOT), firsts[ROOT]);
  if (!hasPackages) {
    const does = "from the request for a container to the first line of Python in it";
    findings.add({ ...caseOf(FRESH), does, metric: "interpreter start" }, interpreterUs);
    const title = "a Zygote over a fresh interpreter";
    findings.compare({ title, paper: PAPER_ZYGOTE, aim: PAPER_ZYGOTE }, root, fresh);
    return;
  }
  const fitting = findings.add(caseOf(FITTING), firsts[FITTING]);
  const does = "import of the packages and load of the handler, within the fresh container's start";
  findings.add({ ...caseOf(FRESH), does, metric: `import of ${set.name}` }, importUs);
  const goal = AIMED_AT.test(set.name) ? { paper: PAPER_PACKAGES, aim: PAPER_PACKAGES } : {};
  const title = `a Zygote that has ${set.name} over importing it`;
  findings.compare({ title, ...goal }, fitting, fresh);
}

/** A handler that imports the set and returns its event. */
export function sourceOf({ imports }: ImportSet): string {
  return `${imports}\n\n\ndef f(event):\n    return event\n`;
}
