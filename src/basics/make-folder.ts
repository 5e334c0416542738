import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "./errors.js";

/**
 * Makes a folder and those above it that do not exist. Node's own recursive `mkdir` does not end
 * for a path below /proc. Errors: InputError naming the option.
 */
export function makeFolder(path: string, option: string): void {
  try {
    make(path);
  } catch (error) {
    throw new InputError(`${option} ${path}: cannot be made (${(error as Error).message})`);
  }
}

function make(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || existsSync(above)) throw error;
    make(above);
    mkdirSync(path);
  }
}
