import type { PolicySpec } from "../../src/contract/policy.js";
import { numberOf } from "../../src/policies/parameter-values.js";

/** Destroys a container after its use and makes the next one a fixed time later: easy to follow. */
const prewarmAfter: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "prewarm",
  summary: "Destroys a used container at once and pre-warms the function a fixed time later.",
  source: "the windows of Shahrad et al., USENIX ATC 2020, with fixed lengths",
  departures: [],
  parameters: {
    after: { kind: "duration", default: 0, description: "pre-warm window" },
    keep: { kind: "duration", default: 0, description: "keep-alive window of an unused container" },
  },
  create: (parameters) => ({
    decide({ containers }, container, decision) {
      const isUnused = containers.usesOf(container) === 0;
      decision.keepUs = isUnused ? numberOf(parameters, "keep") : 0;
      if (!isUnused) decision.prewarmAfterUs = numberOf(parameters, "after");
    },
  }),
};

/** Policies for stories only, in addition to the built-in ones. */
export const STORY_POLICIES: readonly PolicySpec[] = [prewarmAfter];
