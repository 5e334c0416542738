// The guest's first file system: busybox, the few modules that reach the host's files, and init.
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
/** In the order in which they need each other. A kernel may have some built in. */
const MODULES = [
  "virtio",
  "virtio_ring",
  "virtio_pci_legacy_dev",
  "virtio_pci_modern_dev",
  "virtio_pci",
  "fuse",
  "virtiofs",
  "overlay",
];

/** Writes it below `folder` and returns its path. `job` is the shell script that the guest runs. */
export function buildInitramfs(folder, busybox, modules, job) {
  const root = join(folder, "initramfs");
  rmSync(root, { recursive: true, force: true });
  for (const each of ["bin", "modules"]) mkdirSync(join(root, each), { recursive: true });
  copyFileSync(busybox, join(root, "bin/busybox"));
  for (const each of ["init", "guest"]) copyFileSync(HERE + each, join(root, each));
  chmodSync(join(root, "init"), 0o755);
  writeFileSync(join(root, "job"), job);
  copyModules(modules, join(root, "modules"));
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

/** Numbers them in the order of loading, and unpacks them. */
function copyModules(modules, target) {
  const paths = readdirSync(modules, { recursive: true });
  for (const [order, name] of MODULES.entries()) {
    const path = paths.find((each) => [`${name}.ko`, `${name}.ko.xz`].includes(basename(each)));
    if (path === undefined) continue;
    const source = join(modules, path);
    const bytes = path.endsWith(".xz") ? decompress(source) : readFileSync(source);
    writeFileSync(join(target, `${order}-${name}.ko`), bytes);
  }
}

function decompress(path) {
  const { status, stdout } = spawnSync("xz", ["-dc", path], { maxBuffer: 64 * 1024 ** 2 });
  if (status !== 0) throw new Lack(`${path} cannot be unpacked: apt-get install xz-utils`);
  return stdout;
}
