// Lets the guest read the host's files, but not write them. The guest sees read-only bind mounts in
// a mount namespace, which ends with the program that serves it: for QEMU, virtiofsd.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Lack } from "./lack.mjs";

/**
 * Paths of virtiofsd: in the package of QEMU on Debian 12, in a separate package on later versions.
 */
const DAEMONS = ["/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd"];
const START_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

/** Shares the mounts that contain `paths` through virtiofs. Returns {socket, close()}. */
export async function shareHost(folder, paths) {
  const daemon = DAEMONS.find((each) => existsSync(each));
  if (daemon === undefined) throw new Lack("no virtiofsd: apt-get install virtiofsd");
  const root = join(folder, "host");
  const socket = join(folder, "virtiofs");
  mkdirSync(root);
  const script = [
    ...bindReadOnly(root, paths),
    `exec ${daemon} --socket-path='${socket}' -o source='${root}' -o cache=always -o sandbox=chroot -o log_level=err`,
  ].join(" && ");
  const unshare = ["--mount", "--propagation", "private", "sh", "-c", script];
  const child = spawn("unshare", unshare, { stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  for (let waitedMs = 0; !existsSync(socket); waitedMs += POLL_MS) {
    if (child.exitCode !== null || waitedMs > START_TIMEOUT_MS) {
      child.kill("SIGKILL");
      throw new Lack(`${daemon} does not start: its own message is above`);
    }
    await sleep(POLL_MS);
  }
  return {
    socket,
    close: async () => {
      child.kill("SIGKILL"); // if the guest has ended, the daemon has ended too
      await ended;
    },
  };
}

/**
 * Shell commands that bind the root file system and the mounts that contain `paths` below `root`,
 * read-only.
 */
export function bindReadOnly(root, paths) {
  return mountsOf(paths).flatMap((each) => [
    `mount --bind '${each}' '${root}${each}'`,
    `mount -o remount,bind,ro '${root}${each}'`,
  ]);
}

/** Mount points that contain the paths, outer ones first. */
function mountsOf(paths) {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? []);
  const holds = (point, path) =>
    path === point || path.startsWith(point === "/" ? "/" : `${point}/`);
  return points.filter((point) => paths.some((path) => holds(point, realpathSync(path))));
}
