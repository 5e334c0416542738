/**
 * First answers of real packages: `npx tsx measure/imports-ahead.ts [--rounds 15] [--only NAME] [--state DIR]`.
 *
 * For each package it measures, in turns, the time to the first answer of one function: plain Python
 * (a new process, the same folders in sys.path, no sandbox), a fresh container, and a child of a
 * Zygote that has learned what the function imports. The function imports within `f`, so the
 * answer includes imports and first use. It prints medians, the Zygote's share of the fresh
 * container (target: at most 0.2), and the fresh container against plain Python (target: at most 1.1
 * times, plus 10 ms). Packages come from PyPI, in the versions that pip chooses.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { MachineError } from "../src/basics/errors.js";
import { NONE } from "../src/basics/none.js";
import { HandlerCompiler } from "../src/real/guests/handler-compiler.js";
import { ImportsAhead } from "../src/real/imports-ahead.js";
import { openState } from "../src/real/open-state.js";
import { CataloguePackages } from "../src/real/packages/catalogue-packages.js";
import { RealBackend } from "../src/real/real-backend.js";
import { textTable } from "../src/results/text-table.js";
import { BackendDriver } from "../src/run/backend-driver.js";
import { LiveWorkload } from "../src/worker/live-workload.js";

const CREDENTIALS = "from google.auth.credentials import AnonymousCredentials";
const IMAGE = "Image.new('RGB', (1000, 1000), 'red').resize((100, 100))";
/** Bodies of `f`, one statement per line. */
const USES: Readonly<Record<string, readonly string[]>> = {
  "google-cloud-storage": [
    `from google.cloud import storage; ${CREDENTIALS}`,
    "client = storage.Client(project='p', credentials=AnonymousCredentials())",
    "return client.bucket('b').blob('x').path",
  ],
  "azure-storage-blob": [
    "from azure.storage.blob import BlobServiceClient",
    "client = BlobServiceClient('https://x.blob.core.windows.net', credential='a2V5')",
    "return client.get_blob_client('c', 'b').url",
  ],
  "scikit-learn": [
    "import numpy; from sklearn.cluster import KMeans",
    "points = numpy.random.rand(50, 2)",
    "return len(KMeans(2, n_init=1, max_iter=5).fit(points).cluster_centers_)",
  ],
  django: [
    "import django; from django.conf import settings",
    "settings.configured or settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth'])",
    "django.setup()",
    "from django.contrib.auth.models import User",
    "return User._meta.db_table",
  ],
  pillow: [
    `from PIL import Image; image = ${IMAGE}`,
    "image.save('/tmp/a.jpg'); return image.size[0]",
  ],
};
const WAYS = ["plain Python", "fresh container", "Zygote"] as const;
/** Starts that teach the Zygote before the rounds. */
const LESSONS = 3;
const LESSON_PAUSE_MS = 3_000;
const NOTHING = new Int32Array(0);
const INTERPRETER_BYTES = 13 * 1024 ** 2;

const { rounds, only, state } = await yargs(process.argv.slice(2))
  .options({
    rounds: { type: "number", default: 15 },
    only: { choices: Object.keys(USES) },
    state: { type: "string", describe: "folder that keeps installed packages" },
  })
  .strict()
  .parse();

const folder = mkdtempSync(join(tmpdir(), "socklab-ahead-"));
const opened = await openState({
  stateFolder: state ?? join(folder, "state"),
  python: undefined,
  index: { kind: "default" },
  installsAtOnce: 2,
  keepsPackages: state !== undefined,
});
try {
  const rows: string[][] = [];
  for (const name of only === undefined ? Object.keys(USES) : [only])
    rows.push(await measure(name));
  const heads = [
    "first answer, ms",
    "closure",
    ...WAYS,
    "Zygote / fresh",
    "(fresh - 10 ms) / plain",
  ];
  process.stdout.write(textTable([heads, ...rows]));
} finally {
  await opened.installer.close();
  await opened.release();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(name: string): Promise<string[]> {
  const { installer, layout, python } = opened;
  const pins = await installer.resolve([name], []);
  const reports = await Promise.all(pins.map((pin) => installer.install(pin)));
  const workload = new LiveWorkload(INTERPRETER_BYTES);
  workload.makePlaces({ functions: 1, packages: pins.length });
  workload.add(name, new Map(reports.map(({ key, meta }) => [key, meta])));
  const { functions, packages } = workload;
  const code = join(folder, name);
  mkdirSync(code);
  writeFileSync(
    join(code, "f.py"),
    `def f(event):\n${USES[name].map((each) => `    ${each}\n`).join("")}`,
  );
  const store = new CataloguePackages(packages, installer);
  const ahead = new ImportsAhead(functions, store);
  const problems: string[] = [];
  const backend = new RealBackend({
    ...opened,
    folder: layout.containers,
    packagesFolder: layout.packages,
    store: { ...bound(store), close: async () => {} },
    functions,
    codeOf: () => code,
    ahead,
    onProblem: (text) => problems.push(text),
    onRan: (_, { status, message }) => {
      if (status !== "ok") throw new MachineError(`${name}: ${message}`);
    },
  });
  try {
    const compiler = new HandlerCompiler(backend.sandboxes);
    ahead.add(0, (await compiler.compile(code, name)).named);
    const driver = new BackendDriver(backend, { purpose: "measure/imports-ahead", problems });
    const closure = functions[0].closure.ids;
    await driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    await driver.perform(() => backend.createZygote(1, 0, closure));
    const answerMs = async (parent: number) => {
      const startedUs = backend.nowUs;
      const missing = parent === NONE ? closure : NOTHING;
      await driver.perform(() => backend.createContainer(0, 0, parent, missing));
      await driver.perform(() => backend.run(0, 0, 0, false));
      const tookMs = (backend.nowUs - startedUs) / 1000;
      await driver.perform(() => backend.destroyContainer(0));
      return tookMs;
    };
    for (let i = 0; i < LESSONS; i++) {
      await answerMs(1);
      await new Promise((resolve) => setTimeout(resolve, LESSON_PAUSE_MS));
    }
    const paths = reports.map(({ key }) => join(layout.packages, key, "site-packages"));
    const times: number[][] = WAYS.map(() => []);
    for (let round = 0; round < rounds; round++) {
      times[0].push(await plainMs(python.program, code, paths));
      times[1].push(await answerMs(NONE));
      times[2].push(await answerMs(1));
    }
    const [plain, fresh, zygote] = times.map(median);
    const shares = [zygote / fresh, (fresh - 10) / plain].map((each) => each.toFixed(2));
    return [
      name,
      String(pins.length),
      ...[plain, fresh, zygote].map((ms) => ms.toFixed(1)),
      ...shares,
    ];
  } finally {
    await backend.close();
  }
}

function bound(store: CataloguePackages) {
  return {
    install: store.install.bind(store),
    uninstall: store.uninstall.bind(store),
    pathsOf: store.pathsOf.bind(store),
  };
}

/** Wall time of a new Python process until it has printed the function's answer. */
function plainMs(program: string, code: string, paths: readonly string[]): Promise<number> {
  const main = `import sys
sys.path[:0] = [${JSON.stringify(code)}]
sys.path += ${JSON.stringify(paths)}
import f, json, os
os.write(1, json.dumps(f.f(None)).encode())
os._exit(0)
`;
  const env = { PATH: "/usr/bin:/bin", OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" };
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = spawn(program, ["-S", "-c", main], { env, stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => resolve(performance.now() - startedMs));
    child.once("exit", (exitCode) => {
      if (exitCode !== 0) reject(new MachineError(`plain Python ended with ${exitCode}`));
    });
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
