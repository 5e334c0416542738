/** A snippet of a page that the test of this folder does not run. */
export interface NotRunHere {
  readonly page: string;
  /** The snippet, or so many of its first characters that no other snippet of the page has them. */
  readonly start: string;
  /** The test that runs the snippet, or, if there is no such test, the reason. */
  readonly why: { readonly test: string } | { readonly reason: string };
}

const README = "README.md";
const QUICK_STARTS = { test: "test/readme/quick-starts.root.test.ts" };
const POLICY_PAGE = "docs/guide/writing-a-policy.md";
const POLICIES = { test: "test/docs/writing-a-policy.test.ts" };
const NOTEBOOK_PAGE = "docs/guide/notebook.md";
const NOTEBOOK = { test: "test/docs/notebook.test.ts" };
const PAPERS_PAGE = "docs/guide/reproducing.md";
const PAPERS = { test: "test/docs/reproducing.test.ts" };

const LONG_AS_ROOT = { reason: "measures this machine as root for minutes or hours" };
const TRACE_ABSENT = { reason: "needs a trace of Azure, which is not part of the repository" };
const OTHER_MACHINE = { reason: "boots another machine, or changes this one" };
const INSTALLS = { reason: "installs packages or programs from the network" };
const WORKER = { reason: "needs a worker, which the third quick start of README starts" };
const EXAMPLE = { reason: "makes reports/demo.html from 60 whole runs" };
const LARGE = {
  reason: "writes hundreds of MiB of wheels, as its neighbour does with fewer packages",
};
const BLOCK_OF_OUTPUT = { reason: "is output or the form of a file, not a command" };

const list = (
  page: string,
  why: NotRunHere["why"],
  ...starts: readonly string[]
): readonly NotRunHere[] => starts.map((start) => ({ page, start, why }));

export const NOT_RUN_HERE: readonly NotRunHere[] = [
  ...list(
    README,
    QUICK_STARTS,
    "npm ci",
    "npm run build",
    "npx socklab run traces/demo --policy sock",
    "npx socklab sweep traces/demo",
    "npx socklab report study",
    "npm run build:native",
    "npx socklab doctor",
    "npx socklab worker --port",
    "echo 'def f(event): return",
    "curl -s -X PUT --data-binary",
    'curl -s -i -d \'{"name": ',
    "// fewest-uses.mjs: evicts",
    "npx socklab run traces/demo --policy fewest-uses.mjs",
  ),
  ...list(
    "docs/design/cgroups.md",
    OTHER_MACHINE,
    "apt-get install qemu-system-x86",
    "sudo npm run test:v2",
    "sudo npm run test:v2 -- --suite",
    "sudo npm run test:v2 -- --accel uml",
    "sudo npm run test:v2 -- --accel tcg",
    "sudo npm run test:v2 -- -- npx",
  ),
  ...list(
    "docs/design/chaos.md",
    LONG_AS_ROOT,
    "sudo npm run chaos -- --minutes 30",
    "sudo npm run chaos -- --minutes 5",
  ),
  ...list("docs/evidence/cgroup-v2.md", OTHER_MACHINE, "unshare --mount --propagation"),
  ...list(
    "docs/evidence/fidelity.md",
    LONG_AS_ROOT,
    "socklab calibrate -o costs.json",
    "socklab validate traces/fidelity",
    "socklab calibrate --with",
  ),
  ...list(
    "docs/evidence/hybrid-histogram.md",
    TRACE_ABSENT,
    "npx tsx measure/keep-alive-curves.ts",
  ),
  ...list(
    "docs/evidence/speed.md",
    TRACE_ABSENT,
    "socklab sweep eunomia400_d01",
    "socklab run azure2019/eunomia400_d01 --minutes 1080 --policy openwhisk --packages none --memory unlimited",
    "socklab run azure2019/eunomia400_d01 --minutes 1080 --policy openwhisk --packages none --memory unlimited --invocations rows.csv",
    "socklab run azure2019/eunomia400_d01 --minutes 1080 --policy openwhisk --packages none --memory unlimited --invocations rows.parquet",
  ),
  ...list("docs/evidence/top-packages.md", INSTALLS, "sudo socklab packages probe"),
  ...list(
    "docs/guide/benches.md",
    INSTALLS,
    "sudo scripts/peers.sh start",
    "sudo scripts/peers.sh stop",
  ),
  ...list("docs/guide/benches.md", LONG_AS_ROOT, "sudo npx socklab bench all"),
  ...list("docs/guide/calibration.md", LONG_AS_ROOT, "sudo npx socklab calibrate"),
  ...list(
    NOTEBOOK_PAGE,
    NOTEBOOK,
    "npx socklab sweep demo --policy",
    "npx socklab export curve",
    "npx socklab run demo --invocations data/invocations.parquet",
    "npx socklab run demo --invocations data/invocations.csv.gz",
    "import pandas as pd\nruns = pd.read_p",
    "import pandas as pd\nruns = pd.read_c",
    "import polars as pl\nruns",
    "import duckdb\nprint(duck",
    'runs <- read.csv("data/runs.csv',
  ),
  ...list(
    "docs/guide/real-runs.md",
    LONG_AS_ROOT,
    "sudo npx socklab run traces/tiny",
    "sudo npx socklab run traces/three-tiers",
  ),
  ...list("docs/guide/reports.md", { reason: "is LaTeX" }, "\\usepackage{graphicx}\n\\b"),
  ...list(
    "docs/guide/reports.md",
    EXAMPLE,
    "socklab sweep traces/demo",
    "socklab report results/demo",
  ),
  ...list(PAPERS_PAGE, { reason: "measures for minutes" }, "npx tsx measure/papers.ts"),
  ...list(
    PAPERS_PAGE,
    PAPERS,
    "npx socklab sweep vswarm250_d01 --packages none --policy keep-all,faascache",
    "npx socklab report faascache",
    "npx socklab sweep eunomia400_d01",
    "npx socklab sweep vswarm250_d01 --packages none --policy keep-all --set",
    "npx socklab sweep vswarm250_d01 --policy",
    "npx tsx measure/faascache-sim.ts",
    "npx socklab sweep demo --policy",
  ),
  ...list(PAPERS_PAGE, TRACE_ABSENT, "npx tsx measure/keep-alive-curves.ts"),
  ...list(
    "docs/guide/traces.md",
    LARGE,
    "npx socklab trace generate day1",
    "npx socklab trace generate traces/demo",
    "npx socklab trace generate traces/catalogue.json.gz",
  ),
  ...list("docs/guide/tutorial.md", BLOCK_OF_OUTPUT, "! keep-all           512"),
  ...list("docs/guide/validation.md", LONG_AS_ROOT, "sudo npx socklab validate"),
  ...list(
    "docs/guide/worker.md",
    WORKER,
    "sudo npx socklab worker --port",
    "curl -X PUT --data-binary",
    'curl -X POST -d \'{"name":',
  ),
  ...list(
    POLICY_PAGE,
    POLICIES,
    "const largestFirst: PolicySpec",
    "npx socklab run traces/demo --policy docs/examples/largest-first.ts",
    "npx socklab run traces/demo --policy docs/examples/largest-first.ts --set",
    "  create: ({ share }, { functions",
    "npx socklab run tiny --policy docs/examples/common-packages.ts",
    "// second-chance.mjs: keeps",
    "class LargestFirst:\n    ",
    "// newest-out.mjs: FaaSCache",
  ),
  ...list(POLICY_PAGE, BLOCK_OF_OUTPUT, "docs/examples/largest-first.ts"),
  ...list("docs/reference/packages.md", BLOCK_OF_OUTPUT, '{"schema": "socklab.catalogue/1'),
];
