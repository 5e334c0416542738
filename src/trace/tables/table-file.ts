import { readdir, stat } from "node:fs/promises";

/** Names in a folder; empty if the path is not a folder. */
export async function listFolder(path: string): Promise<readonly string[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? (await readdir(path)).sort() : [];
}

/** `name.gz` if the folder has only that, else `name`. */
export function tableName(names: readonly string[], name: string): string {
  return !names.includes(name) && names.includes(`${name}.gz`) ? `${name}.gz` : name;
}
