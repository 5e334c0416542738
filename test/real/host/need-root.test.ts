import { expect, test } from "vitest";
import { MachineError } from "../../../src/basics/errors.js";
import { needRoot } from "../../../src/real/host/need-root.js";

test("any user except root gets one line that says so, and root passes", () => {
  expect(() => needRoot("socklab worker", 0)).not.toThrow();
  expect(() => needRoot("socklab worker", 65_534)).toThrow(
    new MachineError("socklab worker needs root on Linux: run it as root, for example with sudo"),
  );
});
