import { join } from "node:path";
import { runProgram } from "../../../real/host/run-program.js";
import { removeCgroups } from "../../../real/leftovers.js";
import type { Contender } from "./contender.js";
import { hideCgroup2 } from "./hidden-cgroup2.js";
import { programContender } from "./program.js";

const PODMAN_TIMEOUT_US = 60_000_000;

export const podmanContender: Contender = programContender({
  name: "podman",
  title: "podman",
  does: "`podman run --rm --network none --rootfs`: no image, no overlay; the runtime is crun if it is installed; cgroup v2 is hidden as for crun",
  program: "podman",
  from: "podman",
  prepare: async ({ folder, root, command, label }, program) => {
    const globals = [
      ...["--root", join(folder, "root"), "--runroot", join(folder, "run")],
      ...["--tmpdir", join(folder, "tmp"), "--cgroup-manager", "cgroupfs"],
      ...["--events-backend", "none"],
    ];
    const mounts = await hideCgroup2();
    // podman's default limits are too high to be set without CAP_SYS_RESOURCE
    const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
    const places = ["--network", "none", "--cgroup-parent", `/${label}`];
    const run = ["run", "--rm", ...places, ...limits, "--rootfs", root, ...command];
    return {
      args: [...globals, ...run],
      ...(mounts === undefined ? {} : { mounts: mounts.fd }),
      clear: async () => {
        mounts?.close();
        const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };
        const options = { cwd: "/", env, timeoutUs: PODMAN_TIMEOUT_US };
        await runProgram(program, [...globals, "rm", "--all", "--force"], options);
        await removeCgroups(label);
      },
    };
  },
});

export const bubblewrapContender: Contender = programContender({
  name: "bubblewrap",
  title: "bubblewrap",
  does: "`bwrap --unshare-all`: every namespace, new /proc and /dev; no cgroup, no seccomp filter",
  program: "bwrap",
  from: "bubblewrap",
  prepare: async ({ root, command }) => ({
    args: ["--unshare-all", "--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev", ...command],
  }),
});

export const nspawnContender: Contender = programContender({
  name: "nspawn",
  title: "systemd-nspawn",
  does: "`systemd-nspawn --register=no --keep-unit --as-pid2 --read-only`: pid, ipc, uts, mount namespaces, seccomp; the host's network",
  program: "systemd-nspawn",
  from: "systemd-container",
  prepare: async ({ root, command }) => ({
    args: [
      ...["--quiet", "--directory", root, "--machine", `socklab-bench-${process.pid}-{n}`],
      ...["--register=no", "--keep-unit", "--as-pid2", "--read-only", "--console=pipe"],
      ...["--resolv-conf=off", "--timezone=off", "--link-journal=no", ...command],
    ],
  }),
});

export const unshareContender: Contender = programContender({
  name: "unshare",
  title: "unshare",
  does: "`unshare -m -u -i -p -f --root`: four namespaces and a change of root; nothing else is confined",
  program: "unshare",
  from: "util-linux",
  prepare: async ({ root, command }) => ({
    args: ["-m", "-u", "-i", "-p", "-f", "--root", root, ...command],
  }),
});

export const processContender: Contender = programContender({
  name: "process",
  title: "plain process",
  does: "posix_spawn of the program, and wait for it; no isolation: the lower bound",
  program: "true",
  from: "coreutils",
  prepare: async () => ({ args: [] }),
});
