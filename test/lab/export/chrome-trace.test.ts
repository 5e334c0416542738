import { readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";

/** An event of the trace format, as far as these tests need it. */
interface TraceEvent {
  readonly ph: "M" | "B" | "E" | "X" | "C";
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, number | string | boolean>>;
}

/** Little memory and disk, a short window and pauses: every operation occurs. */
const ALL = ["--memory", "512MiB", "--disk", "80MiB", "--set", "install=none"].concat(
  ...["--set", "keep-alive=fixed:keep=1m,pauseAfter=1s"],
);

async function traced(...options: readonly string[]) {
  const folder = await temporaryFolder();
  const journal = join(folder, "run.journal");
  const path = join(folder, "trace.json");
  await runCli("run", "traces/tiny", "--journal", journal, ...options);
  const run = await runCli("export", "--chrome-trace", journal, "--out", path);
  expect(run).toMatchObject({ exitCode: 0, err: "" });
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  const lines = readFileSync(journal, "utf8").split("\n");
  return { events: traceEvents, lines, folder, journal };
}

/** What a viewer builds: the slices of each track, with their depth. Throws if they do not nest. */
function slicesOf(events: readonly TraceEvent[]) {
  const open = new Map<number, { name: string; ts: number }[]>();
  const slices: { name: string; track: number; from: number; to: number; depth: number }[] = [];
  for (const { ph, name, tid = 0, ts, dur } of events) {
    const stack = open.get(tid) ?? [];
    open.set(tid, stack);
    if (ph === "B") stack.push({ name, ts });
    if (ph === "X") slices.push({ name, track: tid, from: ts, to: ts + dur, depth: stack.length });
    if (ph !== "E") continue;
    const begun = stack.pop();
    expect(begun?.name, `an end of ${name}`).toBe(name);
    slices.push({ name, track: tid, from: begun!.ts, to: ts, depth: stack.length });
  }
  expect([...open.values()].flat(), "slices without an end").toEqual([]);
  return slices;
}

/** A slice in Perfetto's stack of a track; `to` is undefined while it is open. */
interface Stacked {
  readonly name: string;
  to: number | undefined;
}

/**
 * The events that Perfetto's importer drops or cuts. The rules are those of google/perfetto,
 * importers/json/json_trace_parser_impl.cc and importers/common/slice_tracker.cc: events are sorted
 * by time, a track is found by its `tid` alone, a slice ends at the time at which another begins, a
 * complete slice may not begin within another and end after it, an end needs an open slice of its
 * name, and a counter's values are numbers.
 */
function droppedByPerfetto(events: readonly TraceEvent[]): TraceEvent[] {
  const stacks = new Map<number, Stacked[]>();
  const sorted = events.filter(({ ph }) => ph !== "M").toSorted((a, b) => a.ts - b.ts);
  return sorted.filter((event) => {
    const { ph, name, pid, tid = pid, ts, args } = event;
    if (ph === "C") return !Object.values(args).every((value) => typeof value === "number");
    const stack = stacks.get(tid) ?? [];
    stacks.set(tid, stack);
    while ((stack.at(-1)?.to ?? Number.POSITIVE_INFINITY) <= ts) stack.pop();
    if (ph === "E") {
      const innermost = stack.findLast(({ to }) => to === undefined);
      if (innermost?.name !== name) return true;
      innermost.to = ts;
      return false;
    }
    const to = ph === "X" ? ts + event.dur : undefined;
    const crosses = stack.some(
      (outer) => to !== undefined && outer.to !== undefined && ts < outer.to && to > outer.to,
    );
    stack.push({ name, to });
    return crosses;
  });
}

test("Perfetto's importer drops no event, and finds each track by a number that no process has", async () => {
  const { events } = await traced(...ALL);
  expect(droppedByPerfetto(events)).toEqual([]);
  const processes = new Map<number, Set<number>>();
  for (const { pid, tid } of events) {
    if (tid === undefined) continue;
    processes.set(tid, (processes.get(tid) ?? new Set()).add(pid));
  }
  expect([...processes.values()].every((pids) => pids.size === 1)).toBe(true);
  for (const { pid } of events) expect(processes.has(pid)).toBe(false);
});

test("the rules of Perfetto's importer find slices that cross, an end of another name, and a counter of texts", () => {
  const at = (ph: TraceEvent["ph"], name: string, ts: number, dur = 0) => {
    return { ph, name, pid: 1, tid: 7, ts, dur, args: { a: ph === "C" ? "x" : 0 } };
  };
  const wrong = [at("X", "b", 5, 10), at("E", "d", 21), at("C", "e", 30)];
  const right = [at("X", "a", 0, 10), at("B", "c", 20), at("E", "c", 22)];
  expect(droppedByPerfetto([...right, ...wrong])).toEqual(wrong);
});

test("every beginning has its end, and in each track times never go back", async () => {
  const { events } = await traced(...ALL);
  slicesOf(events);
  const last = new Map<number, number>();
  for (const { ph, tid, pid, ts, dur } of events) {
    if (ph === "M") continue;
    const track = tid ?? -pid;
    expect(ts).toBeGreaterThanOrEqual(last.get(track) ?? 0);
    last.set(track, ph === "X" ? ts + dur : ts);
    if (ph === "X") expect(dur).toBeGreaterThanOrEqual(0);
  }
});

test("there is one slice per operation of the journal, in one track per slot or package", async () => {
  const { events, lines } = await traced(...ALL);
  const slices = slicesOf(events);
  const count = (name: string) => slices.filter((slice) => slice.name === name).length;
  const operations = (name: string) =>
    lines.filter((line) => line.startsWith(`  > ${name} `)).length;
  expect(count("run")).toBe(operations("run"));
  // a creation may have a phase of that name; the operation is a slice by itself
  const installs = slices.filter(({ name, depth }) => name === "install" && depth === 0);
  expect(installs).toHaveLength(operations("install"));
  expect(count("uninstall")).toBe(operations("uninstall"));
  expect(count("paused")).toBe(operations("pause"));
  expect(count("creation")).toBe(operations("create-container") + operations("create-zygote"));
  expect(count("destruction")).toBe(operations("destroy-container") + operations("destroy-zygote"));
  for (const name of ["run", "install", "uninstall", "pause", "create-zygote", "destroy-zygote"])
    expect(operations(name), name).toBeGreaterThan(0);
});

test("a run lasts from its operation to its completion, at the times of the journal", async () => {
  const { events, lines } = await traced(...ALL);
  const times: string[] = [];
  const since = new Map<string, number>();
  let nowUs = 0;
  for (const line of lines) {
    const words = line.trim().split(" ");
    if (/^\d/.test(line)) nowUs = Number(words[0]);
    if (line.startsWith("  > run ")) since.set(words[2], nowUs);
    if (/ completed run /.test(line)) times.push(`${since.get(words[3])} ${nowUs}`);
  }
  const runs = slicesOf(events).filter(({ name, depth }) => name === "run" && depth === 1);
  expect(runs.map(({ from, to }) => `${from} ${to}`).toSorted()).toEqual(times.toSorted());
});

test("phases are inside of their creation or run, and the chart of memory never exceeds the limit", async () => {
  const { events } = await traced(...ALL);
  const slices = slicesOf(events);
  const outer = slices.filter(({ name }) => name === "creation" || name === "run");
  for (const phase of slices.filter(({ depth }) => depth === 2)) {
    const around = outer.filter(({ track }) => track === phase.track);
    expect(around.some(({ from, to }) => from <= phase.from && phase.to <= to)).toBe(true);
  }
  const charts = events.filter(({ ph }) => ph === "C");
  expect(charts.length).toBeGreaterThan(100);
  for (const { args } of charts) {
    expect(Object.keys(args)).toEqual(["running", "handler", "zygote"]);
    const used = Object.values(args).reduce<number>((sum, bytes) => sum + Number(bytes), 0);
    expect(used).toBeLessThanOrEqual(512 * 1024 ** 2);
  }
});

test("every track and every group has a name, and no two tracks have one number", async () => {
  const { events } = await traced(...ALL);
  const named = (kind: string) => events.filter(({ ph, name }) => ph === "M" && name === kind);
  const groups = named("process_name").map(({ pid, args }) => [pid, args["name"]]);
  expect(groups).toEqual([
    [1, "memory"],
    [2, "containers"],
    [3, "Zygotes"],
    [4, "packages"],
  ]);
  const tracks = named("thread_name").map(({ tid }) => tid);
  expect(new Set(tracks).size).toBe(tracks.length);
  const used = events.filter(({ ph }) => "BEX".includes(ph)).map(({ tid }) => tid);
  expect(new Set(used)).toEqual(new Set(tracks));
});

describe("bad input is one line and exit code 2, and no trace is written", () => {
  test.each([
    ["no such journal", () => "", /no\.journal: cannot be read/],
    [
      "a journal that is cut off",
      (text: string) => text.slice(0, text.length / 2),
      /cut off|cannot read/,
    ],
    [
      "a journal that was changed",
      (text: string) => text.replace(/ for \d+/, " for 1"),
      /diverges/,
    ],
    ["a result instead of a journal", () => '{"schema":"socklab.result/1"}\n', /not a journal/],
  ])("%s", async (name, change, message) => {
    const { folder, journal } = await traced("--minutes", "2");
    const text = change(readFileSync(journal, "utf8"));
    const changed = join(folder, name === "no such journal" ? "no.journal" : "changed.journal");
    if (text !== "") writeFileSync(changed, text);
    const before = await readdir(folder);
    const out = join(folder, "second.json");
    const run = await runCli("export", "--chrome-trace", changed, "--out", out);
    expect(run).toMatchObject({ exitCode: 2, out: "", err: expect.stringMatching(message) });
    expect(run.err.match(/\n/g)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(before);
  });

  test("results and a journal at once, or neither", async () => {
    const both = await runCli("export", "a.json", "--chrome-trace", "b", "--out", "/tmp/none.json");
    expect(both).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("--chrome-trace: results"),
    });
    const neither = await runCli("export", "--out", "/tmp/none.json");
    expect(neither).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("no results are given"),
    });
  });
});
