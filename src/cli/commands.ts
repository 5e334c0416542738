import type { CommandEntry } from "./command.js";

/**
 * Every command of `socklab`. The list contains everything that `socklab --help` prints. So help, a
 * typing error and a small command load neither the other commands nor their libraries.
 */
export const COMMANDS: readonly CommandEntry[] = [
  {
    command: "run <trace>",
    describe: "Run a trace and report how its invocations started and how long that took",
    load: async (io) => (await import("./run.js")).runCommand(io),
  },
  {
    command: "sweep [trace]",
    describe: "Perform every run of a grid that is not done yet, and compare them over seeds",
    load: async (io, finish) => (await import("./sweep.js")).sweepCommand(io, finish),
  },
  {
    command: "bound <trace>",
    describe: "Report the misses that no policy avoids at each memory size, as PFOO-L bounds them",
    load: async (io) => (await import("./bound.js")).boundCommand(io),
  },
  {
    command: "size <trace>",
    describe: "Find the smallest memory with which a policy meets goals, such as startup.p99<=50ms",
    load: async (io, finish) => (await import("./size.js")).sizeCommand(io, finish),
  },
  {
    command: "report <results..>",
    describe: "Draw result files, or folders of them, as one self-contained HTML page",
    load: async (io) => (await import("./report.js")).reportCommand(io),
  },
  {
    command: "export [results..]",
    describe:
      "Write results as tidy tables for pandas, R, DuckDB, or a journal as a trace to look at",
    load: async (io) => (await import("./export.js")).exportCommand(io),
  },
  {
    command: "replay <journal>",
    describe: "Feed a journal to the engine again; exit 1 with the first divergence",
    load: async (io, finish) => (await import("./replay.js")).replayCommand(io, finish),
  },
  {
    command: "validate <trace>",
    describe: "Run a trace on both backends, and report how far the simulator is from the real one",
    load: async (io, finish) => (await import("./validate.js")).validateCommand(io, finish),
  },
  {
    command: "schema [name]",
    describe: "List the objects that socklab writes as JSON, or print the JSON Schema of one",
    load: async (io) => (await import("./schema.js")).schemaCommand(io),
  },
  {
    command: "policies [name]",
    describe: "List presets and policies, or describe the source and parameters of one",
    load: async (io) => (await import("./policies.js")).policiesCommand(io),
  },
  {
    command: "check-policy <file>",
    describe: "Check a policy file: types, two equal runs, and where an answer is wrong",
    load: async (io, finish) => (await import("./check-policy.js")).checkPolicyCommand(io, finish),
  },
  {
    command: "trace <command>",
    describe: "Describe, convert, sample or generate traces",
    load: async (io, finish) => (await import("./trace.js")).traceCommand(io, finish),
  },
  {
    command: "packages <command>",
    describe: "Examine real packages: what Zygotes with them are like, and whether they answer",
    load: async (io, finish) => (await import("./packages.js")).packagesCommand(io, finish),
  },
  {
    command: "demo",
    describe: "Run the trace that ships with socklab under each preset, into demo-result.json",
    load: async (io) => (await import("./demo.js")).demoCommand(io),
  },
  {
    command: "doctor",
    describe: "Report what this machine has for the real backend, and what each missing part costs",
    load: async (io) => (await import("./doctor.js")).doctorCommand(io),
  },
  {
    command: "calibrate",
    describe: "Measure this machine's operations, and write them as a cost file for the simulator",
    load: async (io) => (await import("./calibrate.js")).calibrateCommand(io),
  },
  {
    command: "worker",
    describe: "Serve functions over HTTP from lean containers on this machine",
    load: async (io, finish) => {
      // before the worker's modules are loaded
      (await import("../real/host/small-heap.js")).keepHeapSmall();
      return (await import("./worker.js")).workerCommand(io, finish);
    },
  },
  {
    command: "bench <bench>",
    describe:
      "Measure our containers, caches and primitives on this machine, and compare them with others",
    load: async (io) => (await import("./bench.js")).benchCommand(io),
  },
];
