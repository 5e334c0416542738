import { basename, dirname, join } from "node:path";
import type { RowLayout } from "../arrivals/row-layout.js";
import { rowTrace } from "../arrivals/row-trace.js";
import { readColumns, readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";
import { listFolder, tableName } from "../tables/table-file.js";
import type { Trace, TraceCut, TraceFormat, TraceFunction } from "../trace.js";
import { readFunctions } from "./functions-table.js";

export const INVOCATIONS_FILE = "invocations.csv";
export const FUNCTIONS_FILE = "functions.csv";

/** Our own pair of tables, as docs/reference/trace-formats.md defines it. */
export const socklabCsv: TraceFormat = {
  name: "socklab-csv",
  summary: "socklab's own: folder with invocations.csv (timeUs,function,...) and functions.csv",
  recognises: async (path) => {
    const { folder, names, invocations } = await locate(path);
    if (!names.includes(invocations)) return false;
    const columns = await readColumns(join(folder, invocations));
    return columns.includes("timeUs") && columns.includes("function");
  },
  open,
};

async function open(path: string, cut: TraceCut): Promise<Trace> {
  const { folder, names, invocations } = await locate(path);
  const functionsPath = join(folder, tableName(names, FUNCTIONS_FILE));
  const invocationsPath = join(folder, invocations);
  const carried = (await readColumns(invocationsPath)).includes("durationUs");
  const functions = await readFunctions(functionsPath, carried);
  const layout = new SocklabLayout(invocationsPath, functionsPath, carried, functions);
  return rowTrace(path, socklabCsv.name, layout, cut);
}

/** `path` is the folder, or its table of invocations. */
async function locate(path: string) {
  const names = await listFolder(path);
  if (names.length > 0 || !path.includes(".csv")) {
    return { folder: path, names, invocations: tableName(names, INVOCATIONS_FILE) };
  }
  const folder = dirname(path);
  return { folder, names: await listFolder(folder), invocations: basename(path) };
}

class SocklabLayout implements RowLayout {
  readonly path: string;
  readonly hasRunTimes: boolean;
  readonly #functionsPath: string;
  readonly #functions: readonly TraceFunction[];
  readonly #ids: ReadonlyMap<string, number>;
  #time = 0;
  #function = 0;
  #duration = 0;

  constructor(
    path: string,
    functionsPath: string,
    carried: boolean,
    functions: readonly TraceFunction[],
  ) {
    this.path = path;
    this.hasRunTimes = carried;
    this.#functionsPath = functionsPath;
    this.#functions = functions;
    this.#ids = new Map(functions.map(({ name }, id) => [name, id]));
  }

  read(): AsyncGenerator<Rows, void, void> {
    return readRows(this.path, ["timeUs", "function"], "bytes");
  }

  bind(rows: Rows): void {
    this.#time = rows.column("timeUs");
    this.#function = rows.column("function");
    this.#duration = rows.find("durationUs");
  }

  functionId(rows: Rows): number {
    const name = rows.text(this.#function);
    const id = this.#ids.get(name);
    if (id !== undefined) return id;
    throw rows.error(`function "${name}" is unknown, expected one of ${this.#functionsPath}`);
  }

  startUs(rows: Rows): number {
    return Math.round(rows.number(this.#time));
  }

  runUs(rows: Rows): number {
    return Math.round(rows.number(this.#duration));
  }

  functions(): readonly TraceFunction[] {
    return this.#functions;
  }
}
