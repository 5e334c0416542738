import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { socklabCsv } from "../../../src/trace/formats/socklab-csv.js";
import { cutOf, listArrivals } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const FUNCTIONS =
  "function,app,trigger,memoryBytes,requirements,meanRunUs\n" +
  "f,a,http,1000,numpy==1.26.0 flask==2.0,500\ng,,,,,700\n";
const INVOCATIONS = "timeUs,function,durationUs\n5,f,10\n3,g,20\n70000000,f,30\n";

describe("socklab's own pair of tables", () => {
  it("gives functions, with undefined for empty cells, and arrivals in time order", async () => {
    const folder = makeFolder({ "functions.csv": FUNCTIONS, "invocations.csv": INVOCATIONS });
    const trace = await socklabCsv.open(folder, cutOf());
    expect(trace.functions).toMatchObject([
      { name: "f", app: "a", trigger: "http", memoryBytes: 1_000, invocations: 2 },
      { name: "g", app: "g", trigger: "unknown", memoryBytes: undefined, requirements: [] },
    ]);
    expect(trace.functions[0].requirements).toEqual(["numpy==1.26.0", "flask==2.0"]);
    expect(trace.spanUs).toBe(120_000_000);
    expect(await listArrivals(trace)).toEqual([
      { atUs: 3, name: "g", runUs: 20 },
      { atUs: 5, name: "f", runUs: 10 },
      { atUs: 70_000_000, name: "f", runUs: 30 },
    ]);
  });

  it("has no packages if the column is absent", async () => {
    const folder = makeFolder({
      "functions.csv": "function\nf\ng\n",
      "invocations.csv": INVOCATIONS,
    });
    const trace = await socklabCsv.open(folder, cutOf());
    expect(trace.functions.map(({ requirements }) => requirements)).toEqual([undefined, undefined]);
  });

  it("opens by its table of invocations too, with any name", async () => {
    const folder = makeFolder({ "functions.csv": FUNCTIONS, "monday.csv.gz": INVOCATIONS });
    const path = join(folder, "monday.csv.gz");
    expect(await socklabCsv.recognises(path)).toBe(true);
    expect((await socklabCsv.open(path, cutOf())).expectedInvocations).toBe(3);
  });

  it("draws run times from the functions if the invocations have none", async () => {
    const percentiles = "function,meanRunUs,p0,p1,p25,p50,p75,p99,p100\n";
    const folder = makeFolder({
      "functions.csv": `${percentiles}f,7,7,7,7,7,7,7,7\ng,9,,,,,,,\n`,
      "invocations.csv": "timeUs,function\n1,f\n2,g\n",
    });
    const arrivals = await listArrivals(await socklabCsv.open(folder, cutOf()));
    expect(arrivals.map(({ runUs }) => runUs)).toEqual([7, 9]);
  });

  it("needs run times in one of the two tables", async () => {
    const folder = makeFolder({
      "functions.csv": "function,app\nf,a\n",
      "invocations.csv": "timeUs,function\n1,f\n",
    });
    await expect(socklabCsv.open(folder, cutOf())).rejects.toThrow(
      `${join(folder, "functions.csv")}:2: function "f" has no run time`,
    );
  });

  it("refuses an invocation of an unknown function, and a function with two rows", async () => {
    const unknown = makeFolder({
      "functions.csv": FUNCTIONS,
      "invocations.csv": `${INVOCATIONS}70000001,x,1\n`,
    });
    await expect(socklabCsv.open(unknown, cutOf())).rejects.toThrow(
      `${join(unknown, "invocations.csv")}:5: function "x" is unknown`,
    );
    const twice = makeFolder({
      "functions.csv": `${FUNCTIONS}f,,,,,1\n`,
      "invocations.csv": INVOCATIONS,
    });
    await expect(socklabCsv.open(twice, cutOf())).rejects.toThrow(
      `${join(twice, "functions.csv")}:4: function "f" has a row already`,
    );
  });

  it("refuses a negative time and a negative duration by line", async () => {
    for (const [row, column] of [
      ["-1,f,1", "timeUs"],
      ["1,f,-1", "durationUs"],
    ]) {
      const folder = makeFolder({
        "functions.csv": FUNCTIONS,
        "invocations.csv": `${INVOCATIONS}${row}\n`,
      });
      await expect(socklabCsv.open(folder, cutOf())).rejects.toThrow(
        `${join(folder, "invocations.csv")}:5: column ${column} is "-1"`,
      );
    }
  });
});
