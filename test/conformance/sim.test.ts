import { describe } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { SimBackend } from "../../src/sim/sim-backend.js";
import { makeFunction, makePackage, SHIPPED_COSTS } from "../engine/harness.js";
import { backendConformance } from "./backend.js";

describe("the simulated backend keeps the contract", () => {
  const packages = [
    makePackage({ installUs: 5_000, importUs: 1_000 }),
    makePackage({ installUs: 5_000, importUs: 1_000 }),
  ];
  backendConformance(
    () =>
      new SimBackend({
        costs: SHIPPED_COSTS,
        cores: 2,
        packages,
        functions: [makeFunction({ closure: [0, 1] })],
        streams: new RandomStreams(1),
      }),
  );
});
