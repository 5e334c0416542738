import type { Case } from "../../../results/measurements.js";
import type { PrimitiveCase } from "./cell.js";

const CLIENTS = [1, 2, 4, 8];
const ROUND_US = 150_000;
export const NAMESPACE_TIME = "process in a new namespace";
export const NAMESPACE_RATE = "processes in new namespaces per second";
export const NO_NAMESPACE = "none";
const KINDS = [NO_NAMESPACE, "uts", "ipc", "mnt", "pid", "user", "cgroup", "net"];

/** Makes and ends each kind of namespace, with several clients at once. */
export function namespaceCells(): readonly PrimitiveCase[] {
  return CLIENTS.flatMap((clients) =>
    KINDS.map((contender): PrimitiveCase => {
      const flag =
        contender === NO_NAMESPACE ? "no flag" : `the flag of a new ${contender} namespace`;
      const head = {
        contender,
        does: `clone3 with ${flag}; the child ends at once and is reaped; the kernel may clear up later`,
        parameter: ["clients", clients],
      } as const;
      const time: Case = { ...head, metric: NAMESPACE_TIME, unit: "us" };
      const rate: Case = { ...head, metric: NAMESPACE_RATE, unit: "1/s" };
      return { step: `ns-${contender}`, options: {}, clients, durationUs: ROUND_US, time, rate };
    }),
  );
}
