import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../../basics/errors.js";
import type { ContainerSettings } from "../../lab/run/container-settings.js";
import { NETWORKS } from "../../real/sandboxes/sandboxes.js";
import { readBytes, readChoice, readInteger, readLimit } from "./read-option.js";

const text = { type: "string", requiresArg: true, group: "Containers:" } as const;

/** What real containers may use, and how many parts of them are made in advance. */
export const CONTAINER_OPTIONS = {
  network: {
    ...text,
    default: "host",
    describe: `Network of containers: ${NETWORKS.join(", ")}`,
  },
  "allow-metadata": {
    type: "boolean",
    default: false,
    group: "Containers:",
    describe: "Let containers connect to the machine's cloud metadata (169.254.169.254 and others)",
  },
  "container-memory": {
    ...text,
    default: "512MiB",
    describe: "Memory limit of one container, including its scratch (size with unit)",
  },
  "container-cores": {
    ...text,
    default: "unlimited",
    describe: "CPU limit of one container (cores, or unlimited)",
  },
  "container-processes": {
    ...text,
    default: "256",
    describe: "Limit on processes and threads of one container (count, or unlimited)",
  },
  scratch: {
    ...text,
    default: "64MiB",
    describe: "Size of a container's /scratch and /tmp (size with unit)",
  },
  "ready-slots": {
    ...text,
    default: "8",
    describe:
      "Slots (user, cgroup and root) kept ready for containers; 0 makes each on demand (count)",
  },
  spares: {
    ...text,
    default: "0",
    describe: "Spares: children that each Zygote forks in advance and keeps ready (count)",
  },
} as const satisfies Record<string, Options>;

export type ContainerArguments = InferredOptionTypes<typeof CONTAINER_OPTIONS>;
/**
 * Limit on slots and on spares. Each holds open descriptors, and a process may open a limited
 * number.
 */
const MOST_READY = 1_000;

/** Errors: InputError naming the option. */
export function readContainerSettings(args: ContainerArguments): ContainerSettings {
  const memoryBytes = readBytes(args["container-memory"], "--container-memory");
  const scratchBytes = readBytes(args.scratch, "--scratch");
  if (memoryBytes === 0)
    throw new InputError("--container-memory: a limit of 0 leaves no room for a process");
  if (scratchBytes === 0 || !Number.isFinite(scratchBytes)) {
    throw new InputError(
      `--scratch: "${args.scratch}" is not a size of a folder in memory, expected a finite size above 0`,
    );
  }
  return {
    network: readChoice(args.network, "--network", NETWORKS),
    allowMetadata: args["allow-metadata"],
    containerLimits: {
      memoryBytes,
      cores: readLimit(args["container-cores"], "--container-cores", { min: 0.01 }),
      processes: readLimit(args["container-processes"], "--container-processes", { min: 1 }),
    },
    scratchBytes,
    readySlots: readInteger(args["ready-slots"], "--ready-slots", { min: 0, max: MOST_READY }),
    sparesPerZygote: readInteger(args.spares, "--spares", { min: 0, max: MOST_READY }),
  };
}
