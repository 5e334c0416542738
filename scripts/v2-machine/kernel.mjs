// Gets Debian's kernels of a suite and unpacks them in a cache folder. Nothing is installed, and
// apt's own lists and sources do not change.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lack } from "./lack.mjs";

const META_PACKAGE = "linux-image-cloud-amd64";
const USER_MODE = "user-mode-linux";
/**
 * A dependency of a meta package that is part of the kernel. Linux 7.3 splits its image into three
 * packages.
 */
const PART = /^ *\|?Depends: (linux-(?:base|image|binary|modules)-\S+)$/gm;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MIRROR = "http://deb.debian.org/debian";

/**
 * Fetches the newest cloud kernel of a suite (`bookworm`, `trixie-backports`), or the package that
 * is `named`. Returns {version, image, modules}: its version and the paths of vmlinuz and its
 * modules.
 */
export function fetchCloudKernel(cache, suite, named) {
  const apt = privateApt(cache, suite);
  const names = partsOf(apt, named ?? META_PACKAGE);
  const image = names.find((name) => /^linux-image-\d/.test(name));
  if (image === undefined) throw new Lack(`${suite} has no ${named ?? META_PACKAGE}`);
  const folder = join(cache, image);
  if (!existsSync(folder)) unpack(apt, names, folder);
  const version = image.replace("linux-image-", "");
  // Newer packages contain the kernel next to its modules, below /usr.
  const find = (paths) => paths.map((each) => join(folder, each)).find((each) => existsSync(each));
  return {
    version,
    image: find([`boot/vmlinuz-${version}`, `usr/lib/modules/${version}/vmlinuz`]),
    modules: find([`lib/modules/${version}/kernel`, `usr/lib/modules/${version}/kernel`]),
  };
}

/**
 * Fetches the suite's user-mode kernel, which is a program. Returns the same fields as
 * fetchCloudKernel.
 */
export function fetchUserModeKernel(cache, suite) {
  const apt = privateApt(cache, suite);
  const [, packaged] = /^Version: (.*)$/m.exec(
    apt("apt-cache", ["show", "--no-all-versions", USER_MODE]),
  );
  const folder = join(cache, `${USER_MODE}_${packaged}`);
  if (!existsSync(folder)) unpack(apt, [USER_MODE], folder);
  const modules = join(folder, "usr/lib/uml/modules");
  const [version] = readdirSync(modules);
  return { version, image: join(folder, "usr/bin/linux.uml"), modules: join(modules, version) };
}

/**
 * Makes a function that runs apt-get or apt-cache with the lists of only one suite, and returns
 * their output.
 */
function privateApt(cache, suite) {
  const home = join(cache, `apt-${suite}`);
  const lists = join(home, "lists");
  mkdirSync(join(lists, "partial"), { recursive: true });
  mkdirSync(join(home, "cache/archives/partial"), { recursive: true });
  const sources = join(home, "sources.list");
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${MIRROR} ${suite} main\n`);
  const settings = [
    `Dir::Etc::sourcelist=${sources}`,
    "Dir::Etc::sourceparts=-",
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${join(home, "cache")}`,
    "APT::Sandbox::User=root",
    "Acquire::http::Timeout=20",
  ];
  const options = settings.flatMap((each) => ["-o", each]);
  const apt = (program, args, cwd = home) => {
    const { status, stdout, stderr, error } = spawnSync(program, [...options, ...args], {
      cwd,
      encoding: "utf8",
    });
    if (error) throw new Lack(`${program} does not run (${error.code}): it needs Debian`);
    if (status !== 0) throw new Lack(`${program} ${args.join(" ")}: ${lastLine(stderr)}`);
    return stdout;
  };
  apt("apt-get", ["update", "-q"]);
  return apt;
}

/** A package and its dependencies that are parts of the kernel. */
function partsOf(apt, name, found = []) {
  found.push(name);
  for (const [, part] of apt("apt-cache", ["depends", name]).matchAll(PART)) {
    if (!found.includes(part)) partsOf(apt, part, found);
  }
  return found;
}

/** Downloads and unpacks packages. The folder appears when it is complete. */
function unpack(apt, names, folder) {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  apt("apt-get", ["download", "-q", ...names], unfinished);
  for (const file of readdirSync(unfinished).filter((each) => each.endsWith(".deb"))) {
    const { status } = spawnSync("dpkg-deb", ["-x", file, "."], { cwd: unfinished });
    if (status !== 0) throw new Lack(`${file} cannot be unpacked`);
    rmSync(join(unfinished, file));
  }
  renameSync(unfinished, folder);
}

function lastLine(text) {
  return text.trim().split("\n").at(-1);
}
