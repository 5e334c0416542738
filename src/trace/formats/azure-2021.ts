import { stat } from "node:fs/promises";
import { US_PER_SECOND } from "../../basics/units.js";
import type { RowLayout } from "../arrivals/row-layout.js";
import { rowTrace } from "../arrivals/row-trace.js";
import { readColumns, readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";
import type { TraceFormat, TraceFunction } from "../trace.js";
import { nameFunctions } from "./function-names.js";

const COLUMNS = ["app", "func", "end_timestamp", "duration"];

/**
 * The Azure Functions invocation trace of two weeks in 2021 (Zhang et al., SOSP 2021): one row per
 * invocation, with times in seconds. An invocation starts at `end_timestamp - duration`. `func` is
 * unique only within its app. Rows are nearly sorted by start. The trace has no triggers and no
 * memory.
 */
export const azure2021: TraceFormat = {
  name: "azure-2021",
  summary: "Azure Functions 2021: CSV app,func,end_timestamp,duration with one row per invocation",
  recognises: async (path) => {
    if (!(await isFile(path))) return false;
    const columns = await readColumns(path);
    return COLUMNS.every((name) => columns.includes(name));
  },
  open: (path, cut) => rowTrace(path, azure2021.name, new Azure2021Layout(path), cut),
};

/** The columns of Azure 2021. Their times are in seconds. */
export class Azure2021Layout implements RowLayout {
  readonly path: string;
  readonly hasRunTimes = true;
  readonly #ids = new Map<string, Map<string, number>>();
  readonly #paths: [app: string, name: string][] = [];
  #app = 0;
  #func = 0;
  #end = 0;
  #duration = 0;

  constructor(path: string) {
    this.path = path;
  }

  read(): AsyncGenerator<Rows, void, void> {
    return readRows(this.path, COLUMNS, "bytes");
  }

  bind(rows: Rows): void {
    [this.#app, this.#func, this.#end, this.#duration] = COLUMNS.map((name) => rows.column(name));
  }

  functionId(rows: Rows): number {
    const app = rows.text(this.#app);
    const name = rows.text(this.#func);
    let ofApp = this.#ids.get(app);
    if (ofApp === undefined) {
      ofApp = new Map();
      this.#ids.set(app, ofApp);
    }
    const known = ofApp.get(name);
    if (known !== undefined) return known;
    const id = this.#paths.push([app, name]) - 1;
    ofApp.set(name, id);
    return id;
  }

  startUs(rows: Rows): number {
    const endUs = Math.round(rows.number(this.#end) * US_PER_SECOND);
    const startUs = endUs - this.runUs(rows);
    if (startUs >= 0) return startUs;
    throw rows.error(
      `end_timestamp ${rows.text(this.#end)} less duration ${rows.text(this.#duration)} is negative, ` +
        "expected a start at or after 0",
    );
  }

  runUs(rows: Rows): number {
    return Math.round(rows.number(this.#duration) * US_PER_SECOND);
  }

  functions(): readonly TraceFunction[] {
    const names = nameFunctions(this.#paths);
    return this.#paths.map(([app], id) => ({
      name: names[id],
      app,
      trigger: "unknown",
      memoryBytes: undefined,
      runTimes: undefined,
      requirements: undefined,
      invocations: undefined,
    }));
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
