import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { gunzipSync } from "node:zlib";
import { RandomStreams } from "../src/basics/random.js";
import { forEachBatch } from "../src/trace/arrivals/for-each-batch.js";
import { openTrace } from "../src/trace/formats/formats.js";
import { type RowMethod, readRows } from "../src/trace/tables/read-rows.js";
import { PLACEMENTS, RUN_TIME_MODES, type Trace } from "../src/trace/trace.js";
import { type BenchRow, summarise } from "./bench-row.js";

const EUNOMIA = resolve(import.meta.dirname, "../../shared/data/azure2019/eunomia400_d01");
const INVOCATIONS = "invocations_per_function_md.anon.d01.csv.gz";
const WIDE_ROWS = 20_000;
const LONG_ROWS = 2_000_000;
const ROUNDS = 5;

/**
 * Measures rows per second of the CSV reader with each method and of the readers above it, and
 * nanoseconds per invocation of the arrival sources. The wide table is Eunomia's day, repeated to
 * 20,000 rows of 1,444 columns. If that file is absent, a table of the same width is generated.
 */
export async function benchReaders(rounds: number = ROUNDS): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "socklab-bench-"));
  try {
    const wide = join(folder, "wide.csv");
    const wideColumns = await writeWide(wide);
    await writeLong(folder);
    const long = join(folder, "invocations.csv");
    return [
      await benchRows("wide, fast-csv", wide, "fast-csv", wideColumns, rounds),
      await benchRows("wide, bytes", wide, "bytes", wideColumns, rounds),
      await benchRows("long, fast-csv", long, "fast-csv", 3, rounds),
      await benchRows("long, bytes", long, "bytes", 3, rounds),
      await benchOpen("long, opened (socklab-csv)", folder, rounds),
      await benchArrivals("long, arrivals (socklab-csv)", folder, "trace", "poisson", rounds),
      ...(existsSync(EUNOMIA) ? await benchPlacement(rounds) : []),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchPlacement(rounds: number): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const mode of RUN_TIME_MODES) {
    for (const placement of PLACEMENTS) {
      const name = `Azure 2019 day, arrivals, ${placement}, run times ${mode}`;
      rows.push(await benchArrivals(name, EUNOMIA, mode, placement, rounds));
    }
  }
  return rows;
}

/**
 * Measures reading of every cell: the texts and numbers of a wide table, or two numbers and a name
 * per row of a long one.
 */
function benchRows(
  name: string,
  path: string,
  method: RowMethod,
  columns: number,
  rounds: number,
): Promise<BenchRow> {
  const textColumns = columns === 3 ? [1] : [0, 1, 2, 3];
  return measure(`${name} (${columns} columns)`, "rows/s", rounds, async () => {
    let items = 0;
    for await (const rows of readRows(path, [], method)) {
      while (rows.next()) {
        items++;
        for (let column = 0; column < columns; column++) {
          if (textColumns.includes(column)) rows.text(column);
          else rows.number(column);
        }
      }
    }
    return items;
  });
}

function benchOpen(name: string, path: string, rounds: number): Promise<BenchRow> {
  return measure(name, "rows/s", rounds, async () => (await open(path)).expectedInvocations!);
}

async function benchArrivals(
  name: string,
  path: string,
  runTimes: (typeof RUN_TIME_MODES)[number],
  placement: (typeof PLACEMENTS)[number],
  rounds: number,
): Promise<BenchRow> {
  const trace = await open(path);
  return measure(name, "ns/invocation", rounds, async () => {
    const source = trace.arrivals({ streams: new RandomStreams(1), placement, runTimes });
    let items = 0;
    await forEachBatch(source, (batch) => {
      items += batch.count;
    });
    return items;
  });
}

function open(path: string): Promise<Trace> {
  const streams = new RandomStreams(1);
  const whole = { functions: undefined, fromMinute: 0, minutes: undefined };
  return openTrace(path, { ...whole, speedup: 1, streams });
}

async function measure(
  name: string,
  unit: "rows/s" | "ns/invocation",
  rounds: number,
  run: () => Promise<number>,
): Promise<BenchRow> {
  const figures: number[] = [];
  let items = await run();
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    items = await run();
    const ms = performance.now() - start;
    figures.push(unit === "rows/s" ? (items / ms) * 1e3 : (ms * 1e6) / items);
  }
  return summarise(name, unit, items, figures);
}

/** Writes the wide table. Returns the number of columns. */
async function writeWide(path: string): Promise<number> {
  const text = existsSync(EUNOMIA)
    ? gunzipSync(readFileSync(join(EUNOMIA, INVOCATIONS))).toString()
    : makeUp();
  const [header, ...rows] = text.trimEnd().split("\n");
  await write(path, header, WIDE_ROWS, (row) => rows[row % rows.length]);
  return header.split(",").length;
}

function makeUp(): string {
  const random = new RandomStreams(1).get("bench");
  const minutes = Array.from({ length: 1_440 }, (_, minute) => minute + 1);
  const key = "0123456789abcdef".repeat(4);
  const rows = Array.from({ length: 400 }, () => {
    const counts = minutes.map(() => (random.next() < 0.8 ? 0 : Math.floor(random.next() * 100)));
    return `${key},${key},${key},http,${counts.join(",")}\n`;
  });
  return `HashOwner,HashApp,HashFunction,Trigger,${minutes.join(",")}\n${rows.join("")}`;
}

async function writeLong(folder: string): Promise<void> {
  const random = new RandomStreams(1).get("bench");
  const names = Array.from({ length: 400 }, (_, id) => `function-${id}`);
  const functions = join(folder, "functions.csv");
  await write(functions, "function", names.length, (row) => names[row]);
  await write(join(folder, "invocations.csv"), "timeUs,function,durationUs", LONG_ROWS, (row) => {
    const name = names[Math.floor(random.next() ** 3 * names.length)];
    return `${row * 4_000},${name},${Math.floor(random.next() * 1e6)}`;
  });
}

async function write(
  path: string,
  header: string,
  rows: number,
  rowAt: (row: number) => string,
): Promise<void> {
  const file = createWriteStream(path);
  let text = `${header}\n`;
  for (let row = 0; row < rows; row++) {
    text += `${rowAt(row)}\n`;
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await new Promise<void>((drained) => file.once("drain", drained));
    text = "";
  }
  await new Promise<void>((written) => file.end(text, written));
}
