import { describe } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { RandomStreams } from "../../src/basics/random.js";
import { Completion, type Operation, PHASES } from "../../src/contract/backend.js";
import { RecordedBackend } from "../../src/sim/recorded/recorded-backend.js";
import { CostCollector } from "../../src/sim/recorded/recorded-costs.js";
import { backendConformance } from "./backend.js";

const TOOK_US = 3_000;
const RAN_US = 2_000;

describe("the backend that takes its times from a recorded run keeps the contract", () => {
  backendConformance(() => {
    const streams = new RandomStreams(1);
    return new RecordedBackend(recordOneOfEach().costs("drawn", streams.get("conformance")));
  });
});

/**
 * A recorded run that did everything once, fresh and forked, ready and resumed. Each operation took
 * 3 ms.
 */
function recordOneOfEach(): CostCollector {
  const recorded = new CostCollector();
  const none = new Int32Array(0);
  let nowUs = 0;
  const perform = (operation: Operation, id: number, begin: () => void, resumes = false) => {
    recorded.comes(nowUs);
    begin();
    nowUs += TOOK_US;
    recorded.completed(completionOf(operation, id, nowUs, resumes));
  };
  perform("install", 0, () => recorded.install(0));
  perform("uninstall", 0, () => recorded.uninstall(0));
  perform("create-zygote", 0, () => recorded.createZygote(0, NONE, none));
  perform("create-zygote", 1, () => recorded.createZygote(1, 0, none));
  perform("create-container", 0, () => recorded.createContainer(0, 0, NONE, none));
  perform("create-container", 1, () => recorded.createContainer(1, 0, 1, none));
  // no invocation of the suite has this number, so the suite's invocations get the times of their
  // kind
  perform("run", 0, () => recorded.run(0, 1_000, RAN_US, false));
  perform("pause", 0, () => recorded.pause(0));
  perform("run", 0, () => recorded.run(0, 1_001, RAN_US, true), true);
  perform("destroy-container", 0, () => recorded.destroyContainer(0));
  perform("destroy-zygote", 1, () => recorded.destroyZygote(1));
  return recorded;
}

function completionOf(
  operation: Operation,
  id: number,
  atUs: number,
  resumes: boolean,
): Completion {
  const isRun = operation === "run";
  const phaseUs = new Float64Array(PHASES.length);
  if (operation.startsWith("create")) phaseUs[PHASES.indexOf("create")] = TOOK_US;
  if (resumes) phaseUs[PHASES.indexOf("resume")] = TOOK_US - RAN_US;
  return Object.assign(new Completion(), {
    operation,
    id,
    atUs,
    phaseUs,
    runUs: isRun ? RAN_US : 0,
  });
}
