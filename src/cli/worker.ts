import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";
import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { journalHeader } from "../lab/run/journal-header.js";
import { loadPolicy } from "../lab/run/load-policy.js";
import { OutputFile } from "../lab/run/output-file.js";
import { policyMaker } from "../lab/run/policy-context.js";
import { readCosts } from "../lab/run/read-costs.js";
import { stopSignal } from "../lab/run/stop-signal.js";
import { loadNative } from "../real/host/native.js";
import { needRoot } from "../real/host/need-root.js";
import { usualInstallsAtOnce } from "../real/open-state.js";
import { parseIndex } from "../real/packages/package-tool.js";
import { DEFAULT_STATE_FOLDER } from "../real/state/instance.js";
import { footprintOf, wakeUsOf } from "../sim/costs/costs.js";
import { refuseGuests } from "../worker/connection-guard.js";
import { FunctionStore } from "../worker/function-store.js";
import type { ListenPlace } from "../worker/listen.js";
import { DEFAULT_PLACES, LIVE_SOURCE } from "../worker/live-workload.js";
import { type OpenWorker, openWorker } from "../worker/open-worker.js";
import { serve } from "../worker/serve.js";
import { DEFAULT_EVENT_BYTES, DEFAULT_REQUEST_TIMEOUT_MS, workerServer } from "../worker/server.js";
import { DEFAULT_UPLOAD_LIMITS, registerStored } from "../worker/upload.js";
import { watchCrashes } from "../worker/watch-crashes.js";
import type { CommandBody, Finish } from "./command.js";
import type { CliIo } from "./io.js";
import { CONTAINER_OPTIONS, readContainerSettings } from "./options/container-options.js";
import { CREATION_OPTIONS, readCreations } from "./options/creation-options.js";
import {
  ifGiven,
  readBytes,
  readDurationUs,
  readFolder,
  readInteger,
  readText,
  readTexts,
} from "./options/read-option.js";
import { type WorkerLog, workerLog } from "./progress/worker-log.js";
import { reportError } from "./report-error.js";

const text = { type: "string", requiresArg: true } as const;
/** Default memory limit of the worker, as a share of the machine's memory. */
const MEMORY_SHARE = 0.75;
const MS_PER_US = 1 / 1000;
/** Seed of the policies that draw at random. */
const SEED = 1;

export const WORKER_OPTIONS = {
  port: { ...text, default: "5000", describe: "Port to listen on; 0 takes a free one (number)" },
  host: { ...text, default: "127.0.0.1", describe: "Address to listen on" },
  socket: {
    ...text,
    describe: "Unix socket to listen on instead of a port; only root may connect (path)",
  },
  state: {
    ...text,
    default: DEFAULT_STATE_FOLDER,
    describe: "Folder of everything that runs keep on disk (path)",
  },
  policy: {
    ...text,
    default: "sock",
    describe: "Preset, or path of a .js, .mjs, .cjs, .ts, .mts or .json file",
  },
  set: { ...text, describe: "Change to the preset, as in zygote=root; may be repeated" },
  memory: { ...text, describe: "Memory limit (size with unit; default: 75 % of the machine's)" },
  disk: { ...text, default: "10GiB", describe: "Disk limit of the install cache (size with unit)" },
  index: { ...text, describe: "Package index (address), or folder of wheels (path)" },
  python: { ...text, describe: "Python of the functions (path or name)" },
  base: { ...text, describe: "Root file system of containers (path; default: the machine's own)" },
  ...CREATION_OPTIONS,
  "queue-limit": {
    ...text,
    default: "1024",
    describe:
      "Invocations that are accepted and have not ended; one more is answered with 429 (count)",
  },
  "queue-timeout": { ...text, default: "60s", describe: "Longest wait for a container (duration)" },
  timeout: { ...text, default: "60s", describe: "Longest run of a handler (duration)" },
  grace: {
    ...text,
    default: "8s",
    describe: "How long the worker waits for requests to end after a signal to stop (duration)",
  },
  journal: {
    ...text,
    describe: "Write every event and operation, for socklab replay, when the worker ends (path)",
  },
  "token-file": {
    ...text,
    describe:
      "File with a secret; requests to /registry, /logs and /debug must then present it (path)",
  },
  functions: {
    ...text,
    describe:
      "Folder with functions to register at the start (NAME.py, NAME.tar.gz); uploads are kept there (path)",
  },
  "log-format": {
    ...text,
    default: "text",
    describe: "Lines about the worker on standard error: text or json",
  },
  "keep-packages": {
    type: "boolean",
    default: false,
    describe: "Leave installed packages on disk when the worker stops",
  },
  ...CONTAINER_OPTIONS,
} as const satisfies Record<string, Options>;

type WorkerArguments = InferredOptionTypes<typeof WORKER_OPTIONS>;

/** `socklab worker`. */
export function workerCommand(io: CliIo, finish: Finish): CommandBody<WorkerArguments> {
  return {
    builder: (yargs) =>
      yargs
        .options(WORKER_OPTIONS)
        .example("$0 worker --port 5000", "serve; then PUT /registry/NAME and POST /run/NAME")
        .example(
          "$0 worker --index wheels --network none",
          "install packages from a folder, without network",
        ),
    handler: (args) => work(args, io, finish),
  };
}

async function work(args: WorkerArguments, io: CliIo, finish: Finish): Promise<void> {
  needRoot("socklab worker");
  const place = readListenPlace(args);
  const pendingLimit = readInteger(args["queue-limit"], "--queue-limit", { min: 1 });
  const graceMs = readDurationUs(args.grace, "--grace") * MS_PER_US;
  const log = await workerLog(readText(args["log-format"], "--log-format"), io.err);
  const token = await readToken(args);
  const journal = ifGiven(
    args.journal,
    (path) => new OutputFile(readText(path, "--journal"), "--journal"),
  );
  const worker = await begin(args, log, journal).catch((error: unknown) => {
    journal?.discard();
    throw error;
  });
  const { leftovers, staging, engine } = worker;
  if (leftovers !== undefined) {
    const { processes, mounts, cgroups } = leftovers;
    log.info(
      `cleaned up after ${leftovers.instance}: ${processes} processes, ${mounts} mounts, ${cgroups} cgroups`,
    );
  }
  const store = ifGiven(
    args.functions,
    (path) => new FunctionStore(resolve(readText(path, "--functions"))),
  );
  const listeners = new Set<Server>();
  const server = workerServer(engine, {
    staging,
    uploads: DEFAULT_UPLOAD_LIMITS,
    eventBytes: DEFAULT_EVENT_BYTES,
    pendingLimit,
    requestTimeoutMs: DEFAULT_REQUEST_TIMEOUT_MS,
    token,
    store,
    onServer: (listener) => {
      listeners.add(listener);
      // the permissions of a Unix socket's file keep guests out
      if (!("path" in place)) refuseGuests(listener, loadNative());
    },
  });
  const { stopped, forget } = stopSignal();
  const { crashed, unwatch } = watchCrashes();
  try {
    if (store !== undefined) {
      const warn = (line: string) => log.warn(`warning: ${line}`);
      await registerStored(store, engine, staging, DEFAULT_UPLOAD_LIMITS, warn);
    }
    await serve({
      worker,
      server,
      listeners,
      place,
      graceMs,
      stopped: Promise.race([stopped, crashed]),
      onListening: (address) => log.info(`listening on ${address}`),
      onBroken: (reason) =>
        finish(reportError(reason, { err: { write: (line) => log.error(line.trimEnd()) } })),
    });
  } finally {
    forget();
    unwatch();
    try {
      journal?.complete();
    } finally {
      journal?.discard();
    }
  }
}

function readListenPlace({ port, host, socket }: WorkerArguments): ListenPlace {
  const path = ifGiven(socket, (given) => readText(given, "--socket"));
  if (path !== undefined) return { path: resolve(path) };
  return {
    host: readText(host, "--host"),
    port: readInteger(port, "--port", { min: 0, max: 65_535 }),
  };
}

async function begin(
  args: WorkerArguments,
  log: WorkerLog,
  journal: OutputFile | undefined,
): Promise<OpenWorker> {
  const { resolved, choices, specs } = await loadPolicy(
    readText(args.policy, "--policy"),
    readTexts(args.set),
  );
  const costs = await readCosts(undefined);
  const config = {
    memoryLimitBytes:
      ifGiven(args.memory, (given) => readBytes(given, "--memory")) ??
      Math.floor(totalmem() * MEMORY_SHARE),
    diskLimitBytes: readBytes(args.disk, "--disk"),
    cores: cpus().length,
    runsPerCore: Number.POSITIVE_INFINITY,
    ...readCreations(args),
    queueLimit: readInteger(args["queue-limit"], "--queue-limit", { min: 1 }),
    queueTimeoutUs: readDurationUs(args["queue-timeout"], "--queue-timeout"),
    footprint: footprintOf(costs),
  };
  return openWorker({
    stateFolder: readText(args.state, "--state"),
    python: ifGiven(args.python, (given) => readText(given, "--python")),
    base: ifGiven(args.base, (given) => readFolder(given, "--base")),
    index: ifGiven(args.index, (given) => parseIndex(readText(given, "--index"))) ?? {
      kind: "default",
    },
    installsAtOnce: usualInstallsAtOnce(cpus().length),
    keepsPackages: args["keep-packages"],
    places: DEFAULT_PLACES,
    config,
    journal: journal && {
      header: {
        ...journalHeader(
          { backend: "real", trace: "worker", seed: SEED, resolved, config },
          { functions: [], catalogue: { source: LIVE_SOURCE, packages: [] } },
        ),
        places: DEFAULT_PLACES,
      },
      write: (text) => journal.write(text),
    },
    options: {
      ...readContainerSettings(args),
      wakeUs: wakeUsOf(costs),
      runTimeoutMs: readDurationUs(args.timeout, "--timeout") * MS_PER_US,
    },
    makePolicies: policyMaker({ choices, specs }, config, SEED),
    onProblem: (text) => log.warn(text),
  });
}

async function readToken(args: WorkerArguments): Promise<string | undefined> {
  const path = ifGiven(args["token-file"], (given) => readText(given, "--token-file"));
  if (path === undefined) return undefined;
  const token = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--token-file ${path}: cannot be read (${error.code})`);
  });
  if (token.trim() === "") throw new InputError(`--token-file ${path}: empty, expected a secret`);
  return token.trim();
}
