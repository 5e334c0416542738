// A guest in QEMU: Debian's cloud kernel, on KVM or with translated instructions, which reads the
// host's files through virtiofs.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { waitForGuest } from "./guest-process.mjs";
import { fetchCloudKernel } from "./kernel.mjs";
import { Lack } from "./lack.mjs";
import { shareHost } from "./share.mjs";

const QEMU = "qemu-system-x86_64";
const WITHOUT = "or do without KVM: npm run test:v2 -- --accel uml";

/**
 * How the guest's instructions are executed. TCG translates them; it handles the widest vector
 * instructions badly, so they are left out.
 */
const ACCELERATORS = {
  kvm: [["-accel", "kvm", "-cpu", "host"]],
  tcg: [
    ["-accel", "tcg,thread=multi,tb-size=1024"],
    ["-cpu", "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt"],
  ],
};

/**
 * Modules for the host's files, and for a test that connects a second machine, in the order of
 * their dependencies.
 */
export const modules = [
  "virtio",
  "virtio_ring",
  "virtio_pci_legacy_dev",
  "virtio_pci_modern_dev",
  "virtio_pci",
  "fuse",
  "virtiofs",
  "overlay",
  "veth",
];

export function cpusOf({ cpus }) {
  return cpus;
}

export function checkMachine({ accel }) {
  if (accel === "kvm") checkKvm();
  if (spawnSync(QEMU, ["--version"]).error) {
    throw new Lack(`no ${QEMU}: apt-get install qemu-system-x86 busybox-static`);
  }
}

function checkKvm() {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Lack(
      `/dev/kvm cannot be used (${error.code}): enable KVM on this machine, ${WITHOUT}`,
    );
  }
  // kvm_pvm runs only kernels that were built for it, and Debian's are not.
  const isPaged = existsSync("/sys/module/kvm_pvm");
  if (isPaged && !["kvm_intel", "kvm_amd"].some((each) => existsSync(`/sys/module/${each}`))) {
    throw new Lack(
      `KVM on this machine is kvm_pvm, on which Debian's kernel does not boot: use another machine, ${WITHOUT}`,
    );
  }
}

export function fetchKernel(cache, { suite, kernel }) {
  return fetchCloudKernel(cache, suite, kernel);
}

/**
 * Boots the guest, which can read the mounts that contain `paths`. Returns the job's exit status.
 */
export async function boot(settings, folder, image, initramfs, paths) {
  const share = await shareHost(folder, paths);
  const status = join(folder, "status");
  const args = [
    ...ACCELERATORS[settings.accel],
    ["-machine", "pc,memory-backend=memory", "-smp", settings.cpus, "-m", settings.memory],
    ["-object", `memory-backend-memfd,id=memory,size=${settings.memory},share=on`],
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ["-chardev", `socket,id=host,path=${share.socket}`],
    ["-device", "vhost-user-fs-pci,chardev=host,tag=host"],
    ["-serial", "stdio", "-serial", `file:${status}`],
    ["-kernel", image, "-initrd", initramfs],
    ["-append", "console=ttyS0 quiet panic=-1 cgroup_no_v1=all share=virtiofs"],
  ].flat();
  const qemu = spawn(QEMU, args, { stdio: ["ignore", "inherit", "inherit"] });
  const result = await waitForGuest(qemu, settings.minutes, status);
  await share.close();
  return result;
}
