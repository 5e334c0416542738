/**
 * Names for functions that a trace identifies by a path such as owner, app, function. A name is the
 * path's last part if no other function has that part, else all parts joined by `/`. The paths must
 * differ.
 */
export function nameFunctions(paths: readonly (readonly string[])[]): readonly string[] {
  const uses = new Map<string, number>();
  for (const path of paths) uses.set(lastOf(path), (uses.get(lastOf(path)) ?? 0) + 1);
  return paths.map((path) => (uses.get(lastOf(path)) === 1 ? lastOf(path) : path.join("/")));
}

function lastOf(path: readonly string[]): string {
  return path[path.length - 1];
}
