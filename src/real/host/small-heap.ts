import { setFlagsFromString } from "node:v8";

/**
 * Keeps the part of the heap for new objects as small as it is at the start. It would grow while
 * modules are loaded, and a process that serves requests keeps that memory and hardly uses it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
