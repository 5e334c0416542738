// The guest's first file system: busybox, the modules that are needed to reach the host's files,
// and init.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { Lack } from "./lack.mjs";

const HERE = new URL(".", import.meta.url).pathname;
/**
 * Writes it below `folder` and returns its path. It contains the named modules from below `source`,
 * which the guest loads in this order. `job` is the shell script that the guest runs.
 */
export function buildInitramfs(folder, busybox, source, modules, job) {
  const root = join(folder, "initramfs");
  rmSync(root, { recursive: true, force: true });
  for (const each of ["bin", "modules"]) mkdirSync(join(root, each), { recursive: true });
  copyFileSync(busybox, join(root, "bin/busybox"));
  for (const each of ["init", "guest"]) copyFileSync(HERE + each, join(root, each));
  chmodSync(join(root, "init"), 0o755);
  writeFileSync(join(root, "job"), job);
  copyModules(source, modules, join(root, "modules"));
  const names = readdirSync(root, { recursive: true });
  const { status, stdout } = spawnSync(busybox, ["cpio", "-o", "-H", "newc"], {
    cwd: root,
    input: [".", ...names].join("\n"),
    maxBuffer: 64 * 1024 ** 2,
  });
  if (status !== 0) throw new Lack("busybox cpio failed: apt-get install busybox-static");
  const path = join(folder, "initramfs.cpio");
  writeFileSync(path, stdout);
  return path;
}

/**
 * Unpacks the modules, with file names that begin with their place in the order of loading. A
 * missing module may be built into the kernel.
 */
function copyModules(source, modules, target) {
  const paths = readdirSync(source, { recursive: true });
  for (const [order, name] of modules.entries()) {
    const path = paths.find((each) => [`${name}.ko`, `${name}.ko.xz`].includes(basename(each)));
    if (path === undefined) continue;
    const file = join(source, path);
    const bytes = path.endsWith(".xz") ? decompress(file) : readFileSync(file);
    writeFileSync(join(target, `${order}-${name}.ko`), bytes);
  }
}

function decompress(path) {
  const { status, stdout } = spawnSync("xz", ["-dc", path], { maxBuffer: 64 * 1024 ** 2 });
  if (status !== 0) throw new Lack(`${path} cannot be unpacked: apt-get install xz-utils`);
  return stdout;
}
