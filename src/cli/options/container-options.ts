import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../../basics/errors.js";
import type { ContainerSettings } from "../../lab/run/container-settings.js";
import { NETWORKS } from "../../real/sandboxes/sandboxes.js";
import { readBytes, readChoice, readInteger, readLimit } from "./read-option.js";

const text = { type: "string", requiresArg: true, group: "Containers:" } as const;

/** What real containers may use, and what of them is made ahead of need. */
export const CONTAINER_OPTIONS = {
  network: { ...text, default: "host", describe: `Network of containers: ${NETWORKS.join(", ")}` },
  "allow-metadata": {
    type: "boolean",
    default: false,
    group: "Containers:",
    describe: "Let containers connect to the machine's cloud metadata (169.254.169.254 and others)",
  },
  "container-memory": {
    ...text,
    default: "512MiB",
    describe: "Most memory of one container, its scratch included (size with unit)",
  },
  "container-cores": {
    ...text,
    default: "unlimited",
    describe: "Most CPU time of one container (cores, or unlimited)",
  },
  "container-processes": {
    ...text,
    default: "64",
    describe: "Most processes and threads of one container (count, or unlimited)",
  },
  scratch: {
    ...text,
    default: "64MiB",
    describe: "Size of a container's /scratch and /tmp (size with unit)",
  },
  "ready-slots": {
    ...text,
    default: "8",
    describe: "Users, cgroups and roots kept ready for containers; 0 makes all on demand (count)",
  },
  spares: {
    ...text,
    default: "0",
    describe: "Forked children that each Zygote keeps ready (count)",
  },
} as const satisfies Record<string, Options>;

export type ContainerArguments = InferredOptionTypes<typeof CONTAINER_OPTIONS>;
/** Most slots and spares: each holds descriptors, of which a process has 20,000 or so. */
const MOST_READY = 1_000;

/** Errors: InputError naming the option. */
export function readContainerSettings(args: ContainerArguments): ContainerSettings {
  const memoryBytes = readBytes(args["container-memory"], "--container-memory");
  const scratchBytes = readBytes(args.scratch, "--scratch");
  if (memoryBytes === 0) throw new InputError("--container-memory: 0 holds no process");
  if (scratchBytes === 0 || !Number.isFinite(scratchBytes)) {
    throw new InputError(`--scratch: "${args.scratch}" is no size of a folder in memory`);
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
