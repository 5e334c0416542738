// A guest that is a process of the host's: Debian's kernel built as a program (user-mode Linux). It
// needs no KVM, runs its processes' instructions as they are, and is slow in system calls and page
// faults alone. It sees the host's files by hostfs.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { waitForGuest } from "./guest-process.mjs";
import { fetchUserModeKernel } from "./kernel.mjs";
import { bindReadOnly } from "./share.mjs";

/** What a cloud kernel has built in, too: IPv6. */
export const modules = ["overlay", "crc-ccitt", "ipv6", "veth"];

/** User-mode Linux has no more. */
export function cpusOf() {
  return "1";
}

/** All it needs is fetched. */
export function checkMachine() {}

export function fetchKernel(cache, { suite }) {
  return fetchUserModeKernel(cache, suite);
}

/** Shows it the mounts that hold `paths`; returns the job's exit status. */
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
    // The guest's memory is a file, which some machines' /dev/shm is too small for.
    `mount -t tmpfs -o size=100% none '${memory}'`,
    `exec ${command.map((each) => `'${each}'`).join(" ")}`,
  ].join(" && ");
  const written = openSync(status, "w");
  // All its processes are the host's too, and end with it.
  const unshare = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
  const guest = spawn("unshare", [...unshare, "--mount-proc", "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit", written],
    env: { ...process.env, TMPDIR: memory },
  });
  closeSync(written);
  // Not its own: it would put a terminal in raw mode.
  guest.stdout.pipe(process.stdout);
  return waitForGuest(guest, settings.minutes, status);
}
