// Boots a small virtual machine whose only cgroup hierarchy is v2, runs the real backend's tests in it,
// or the command after `--`, and exits with its status. docs/cgroup-v2.md tells more. Plain Node.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildInitramfs } from "./initramfs.mjs";
import { fetchKernel } from "./kernel.mjs";
import { Lack } from "./lack.mjs";
import { shareHost } from "./share.mjs";

const CHECKOUT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const QEMU = "qemu-system-x86_64";
const BUSYBOX = "/bin/busybox";
const TOOLS = "apt-get install qemu-system-x86 busybox-static";
const TESTS = ["npx", "vitest", "run", "--reporter=verbose", "test/real", "test/conformance"];

/** How the guest's instructions are run; TCG translates them, and the widest vectors badly. */
const ACCELERATORS = {
  kvm: [["-accel", "kvm", "-cpu", "host"]],
  tcg: [
    ["-accel", "tcg,thread=multi,tb-size=1024"],
    ["-cpu", "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt"],
  ],
};

const SLOWER = "or, many times slower, without it: npm run test:v2 -- --accel tcg";

const given = parse();
if (given !== undefined) await main(given.values, given.positionals);

function parse() {
  try {
    const options = {
      suite: { type: "string", default: "bookworm" },
      kernel: { type: "string" },
      accel: { type: "string", default: "kvm" },
      cpus: { type: "string", default: "2" },
      memory: { type: "string", default: "4G" },
      minutes: { type: "string", default: "60" },
    };
    const parsed = parseArgs({ allowPositionals: true, options });
    if (Object.hasOwn(ACCELERATORS, parsed.values.accel)) return parsed;
    throw new Error("--accel is kvm or tcg");
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

async function main(settings, command) {
  try {
    process.exitCode = await runInGuest(settings, command.length > 0 ? command : TESTS);
  } catch (error) {
    if (!(error instanceof Lack)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 3;
  }
}

async function runInGuest(settings, command) {
  checkMachine(settings.accel);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "socklab-v2");
  const kernel = fetchKernel(cache, settings.suite, settings.kernel);
  const folder = mkdtempSync(join(tmpdir(), "socklab-v2-"));
  try {
    const job = jobOf(command, settings.cpus);
    const initramfs = buildInitramfs(folder, BUSYBOX, kernel.modules, job);
    process.stderr.write(`booting Linux ${kernel.version} (${settings.accel})\n`);
    return await boot(settings, folder, kernel.image, initramfs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkMachine(accel) {
  if (accel === "kvm") checkKvm();
  if (process.getuid() !== 0)
    throw new Lack("the guest sees the host's files as root: run it as root");
  if (spawnSync(QEMU, ["--version"]).error) throw new Lack(`no ${QEMU}: ${TOOLS}`);
  // Debian's package busybox, unlike busybox-static, needs libraries that the guest does not have yet;
  // the name of what would load them is among an executable's first bytes.
  const head = existsSync(BUSYBOX) ? readFileSync(BUSYBOX).subarray(0, 4096) : undefined;
  if (head === undefined || head.includes("ld-linux")) {
    throw new Lack(`no ${BUSYBOX} that stands alone: ${TOOLS}`);
  }
}

function checkKvm() {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Lack(
      `/dev/kvm cannot be used (${error.code}): enable KVM on this machine, ${SLOWER}`,
    );
  }
  // KVM of this kind runs only kernels that were built for it, which Debian's are not.
  const isPaged = existsSync("/sys/module/kvm_pvm");
  if (isPaged && !["kvm_intel", "kvm_amd"].some((each) => existsSync(`/sys/module/${each}`))) {
    throw new Lack(
      `KVM here is kvm_pvm, under which Debian's kernel does not boot: another machine, ${SLOWER}`,
    );
  }
}

/** A shell script that runs the command in the checkout with this environment's programs. */
function jobOf(command, cpus) {
  const quoted = command.map((each) => `'${each.replaceAll("'", "'\\''")}'`);
  // Where python3 is a shim, the interpreter itself: a shim starts half a dozen programs.
  const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  });
  if (python.status !== 0) throw new Lack("no python3: apt-get install python3 python3-pip");
  const path = `${dirname(python.stdout)}:${process.env.PATH}`;
  return [
    `export PATH='${path}' HOME='${homedir()}' CI=1 VITEST_MAX_WORKERS=${cpus}`,
    `cd '${CHECKOUT}' || exit 1`,
    quoted.join(" "),
  ].join("\n");
}

/** Returns the job's exit status; 1 where the guest came to no end. */
async function boot(settings, folder, image, initramfs) {
  const share = await shareHost(folder, ["/usr", process.execPath, CHECKOUT]);
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
    ["-append", "console=ttyS0 quiet panic=-1 cgroup_no_v1=all"],
  ].flat();
  const qemu = spawn(QEMU, args, { stdio: ["ignore", "inherit", "inherit"] });
  const stop = (why) => {
    process.stderr.write(`the guest is ended: ${why}\n`);
    qemu.kill("SIGKILL");
  };
  const timer = setTimeout(
    stop,
    Number(settings.minutes) * 60_000,
    `${settings.minutes} minutes are over`,
  );
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
  await new Promise((resolve) => qemu.on("close", resolve));
  clearTimeout(timer);
  await share.close();
  const told = existsSync(status) ? readFileSync(status, "utf8").trim() : "";
  return /^\d+$/.test(told) ? Number(told) : 1;
}
