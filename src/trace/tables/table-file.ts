import { readdir, stat } from "node:fs/promises";

/** Names in a folder; none where the path is no folder. */
export async function listFolder(path: string): Promise<readonly string[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? (await readdir(path)).sort() : [];
}

/** `name` or, where the folder only has that, `name.gz`; `name` where it has neither. */
export function tableName(names: readonly string[], name: string): string {
  return !names.includes(name) && names.includes(`${name}.gz`) ? `${name}.gz` : name;
}
