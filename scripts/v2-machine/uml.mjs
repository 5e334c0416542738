// A guest that is a process of the host: Debian's kernel built as a program (user-mode Linux). It
// needs no KVM and executes the instructions of its processes directly, so it is slow only in
// system calls and page faults. It reads the host's files through hostfs.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { waitForGuest } from "./guest-process.mjs";
import { fetchUserModeKernel } from "./kernel.mjs";
import { bindReadOnly } from "./share.mjs";

/** Modules for the host's files and for tests of networks; a cloud kernel has IPv6 built in. */
export const modules = ["overlay", "crc-ccitt", "ipv6", "veth"];

/** User-mode Linux has only one processor. */
export function cpusOf() {
  return "1";
}

/** Nothing needs to be checked, because everything that this guest needs is fetched. */
export function checkMachine() {}

export function fetchKernel(cache, { suite }) {
  return fetchUserModeKernel(cache, suite);
}

/**
 * Boots the guest, which can read the mounts that contain `paths`. Returns the job's exit status.
 */
export async function boot(settings, folder, image, initramfs, paths) {
  const [host, memory, status] = ["host", "memory", "status"].map((each) => join(folder, each));
  for (const each of [host, memory]) mkdirSync(each);
  const command = [
    ...[image, `mem=${settings.memory}`, `initrd=${initramfs}`, `uml_dir=${folder}`],
    ...["con=null", "con0=null,fd:1", "ssl=null", "ssl1=null,fd:3"],
    ...["quiet", "loglevel=1", "panic=-1", "cgroup_no_v1=all", "share=hostfs", `hostfs=${host}`],
  ];
  const script = [
    ...bindReadOnly(host, paths),
    // The guest's memory is a file, for which /dev/shm is too small on some machines.
    `mount -t tmpfs -o size=100% none '${memory}'`,
    `exec ${command.map((each) => `'${each}'`).join(" ")}`,
  ].join(" && ");
  const written = openSync(status, "w");
  // All processes of the guest are processes of the host too, and end with the guest.
  const unshare = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
  const guest = spawn("unshare", [...unshare, "--mount-proc", "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit", written],
    env: { ...process.env, TMPDIR: memory },
  });
  closeSync(written);
  // The guest does not get the terminal itself, because it would put the terminal in raw mode.
  guest.stdout.pipe(process.stdout);
  return waitForGuest(guest, settings.minutes, status);
}
