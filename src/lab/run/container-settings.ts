import type { RealOptions } from "../../real/real-setup.js";

export type ContainerSettings = Pick<
  RealOptions,
  | "network"
  | "allowMetadata"
  | "containerLimits"
  | "scratchBytes"
  | "readySlots"
  | "sparesPerZygote"
>;
