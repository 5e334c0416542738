// Boots a small virtual machine whose only cgroup hierarchy is v2, runs the real backend's tests in it,
// or the command after `--`, and exits with its status. docs/cgroup-v2.md tells more. Plain Node.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildInitramfs } from "./initramfs.mjs";
import { fetchKernel } from "./kernel.mjs";
import { Lack } from "./lack.mjs";
import { shareHost } from "./share.mjs";

const CHECKOUT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const TOOLS = "apt-get install qemu-system-x86 busybox-static";
const TESTS = ["npx", "vitest", "run", "--reporter=verbose", "test/real", "test/conformance"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: "string", default: "bookworm" },
    kernel: { type: "string" },
    cpus: { type: "string", default: "2" },
    memory: { type: "string", default: "4G" },
    minutes: { type: "string", default: "10" },
  },
});

try {
  process.exitCode = await main(positionals.length > 0 ? positionals : TESTS);
} catch (error) {
  if (!(error instanceof Lack)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 3;
}

async function main(command) {
  checkMachine();
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "socklab-v2");
  const kernel = fetchKernel(cache, values.suite, values.kernel);
  const folder = mkdtempSync(join(tmpdir(), "socklab-v2-"));
  try {
    const initramfs = buildInitramfs(folder, "/bin/busybox", kernel.modules, jobOf(command));
    process.stderr.write(`booting Linux ${kernel.version}\n`);
    return await boot(folder, kernel.image, initramfs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkMachine() {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Lack(`/dev/kvm cannot be used (${error.code}): a processor and a user with KVM`);
  }
  if (process.getuid() !== 0)
    throw new Lack("the guest sees the host's files as root: run it as root");
  for (const tool of ["qemu-system-x86_64", "busybox"]) {
    if (spawnSync(tool, ["--help"]).error) throw new Lack(`no ${tool}: ${TOOLS}`);
  }
}

/** A shell script that runs the command in the checkout with this environment's programs. */
function jobOf(command) {
  const quoted = command.map((each) => `'${each.replaceAll("'", "'\\''")}'`);
  return [
    `export PATH='${process.env.PATH}' HOME='${homedir()}' CI=1`,
    `cd '${CHECKOUT}' || exit 1`,
    quoted.join(" "),
  ].join("\n");
}

/** Returns the job's exit status; 1 where the guest came to no end. */
async function boot(folder, image, initramfs) {
  const share = await shareHost(folder, ["/usr", process.execPath, CHECKOUT]);
  const status = join(folder, "status");
  const args = [
    ["-machine", "pc,accel=tcg,memory-backend=memory", "-cpu", "max", "-smp", values.cpus],
    ["-m", values.memory],
    ["-object", `memory-backend-memfd,id=memory,size=${values.memory},share=on`],
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ["-chardev", `socket,id=host,path=${share.socket}`],
    ["-device", "vhost-user-fs-pci,chardev=host,tag=host"],
    ["-serial", "stdio", "-serial", `file:${status}`],
    ["-kernel", image, "-initrd", initramfs],
    ["-append", "console=ttyS0 quiet panic=-1 cgroup_no_v1=all"],
  ].flat();
  const qemu = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "inherit", "inherit"] });
  const timer = setTimeout(() => {
    process.stderr.write(`the guest is ended after ${values.minutes} minutes\n`);
    qemu.kill("SIGKILL");
  }, Number(values.minutes) * 60_000);
  await new Promise((resolve) => qemu.on("close", resolve));
  clearTimeout(timer);
  await share.close();
  const told = existsSync(status) ? readFileSync(status, "utf8").trim() : "";
  return /^\d+$/.test(told) ? Number(told) : 1;
}
