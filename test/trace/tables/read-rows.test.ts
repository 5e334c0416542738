import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RowMethod, readRows } from "../../../src/trace/tables/read-rows.js";
import { makeFolder } from "../temporary-files.js";

const METHODS: readonly RowMethod[] = ["fast-csv", "bytes"];

/** `[line, fields...]` of every row. */
async function readAll(path: string, method: RowMethod, expected: readonly string[] = []) {
  const found: [number, ...string[]][] = [];
  for await (const rows of readRows(path, expected, method)) {
    while (rows.next()) {
      found.push([rows.line, ...rows.header.columns.map((_, column) => rows.text(column))]);
    }
  }
  return found;
}

async function readNumbers(path: string, method: RowMethod): Promise<number[]> {
  const found: number[] = [];
  for await (const rows of readRows(path, ["n"], method)) {
    while (rows.next()) found.push(rows.number(rows.column("n")));
  }
  return found;
}

function fileOf(text: string | Buffer, name = "table.csv"): string {
  return join(makeFolder({ [name]: text }), name);
}

describe.each(METHODS)("rows read with %s", (method) => {
  it("come with the line at which they start, with blank lines and quoted line breaks counted", async () => {
    const path = fileOf('a,b\n1,x\n\n2,"y\nz"\n3,"say ""hi"", twice"\n');
    expect(await readAll(path, method)).toEqual([
      [2, "1", "x"],
      [4, "2", "y\nz"],
      [6, "3", 'say "hi", twice'],
    ]);
  });

  it("are the same from a gzip file with any name", async () => {
    const path = fileOf(gzipSync("a,b\n1,2\n"), "table.csv");
    expect(await readAll(path, method)).toEqual([[2, "1", "2"]]);
  });

  it("need no last line break, and may have a byte order mark and carriage returns", async () => {
    const path = fileOf("\uFEFFa,b\r\n1,2\r\n3,ö");
    expect(await readAll(path, method)).toEqual([
      [2, "1", "2"],
      [3, "3", "ö"],
    ]);
  });

  it("give the same numbers as Number", async () => {
    const texts = ["0", "12", "0.1", "57.15786004066467", "1e3", "007", "9007199254740993", ".5"];
    const path = fileOf(`m,n\n${texts.map((text) => `1,${text}\n`).join("")}`);
    expect(await readNumbers(path, method)).toEqual(texts.map(Number));
  });

  it.each(["", "x", "-1", "1.2.3", "Infinity", "NaN", "1 2"])(
    'refuse "%s" as a number, naming line and column',
    async (text) => {
      const path = fileOf(`m,n\n1,2\n3,${text}\n`);
      const message = `${path}:3: column n is "${text}", expected a number of at least 0`;
      await expect(readNumbers(path, method)).rejects.toThrow(message);
    },
  );

  it("refuse a header without an expected column, and list its columns", async () => {
    const path = fileOf("a,b\n1,2\n");
    await expect(readAll(path, method, ["a", "c"])).rejects.toThrow(
      `${path}:1: column c is missing, the header has a,b`,
    );
  });

  it("refuse a row with more or fewer fields than the header", async () => {
    const path = fileOf("a,b\n1,2\n3\n");
    await expect(readAll(path, method)).rejects.toThrow(
      `${path}:3: 1 fields, expected 2 as in the header`,
    );
  });

  it("refuse an empty file and a missing one", async () => {
    const path = fileOf("");
    const message = `${path}:1: the file is empty, expected a header with a`;
    await expect(readAll(path, method, ["a"])).rejects.toThrow(message);
    await expect(readAll(`${path}.no`, method)).rejects.toThrow(`${path}.no: no such file`);
  });

  it("refuse gzip data that ends early, at the line reached", async () => {
    const lines = Array.from({ length: 50_000 }, (_, n) => `${n},${(n * 7919) % 10_007}\n`);
    const packed = gzipSync(`a,b\n${lines.join("")}`);
    const path = fileOf(packed.subarray(0, packed.length >> 1), "cut.csv.gz.part");
    const error = await readAll(path, method).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: "InputError" });
    const [, line] = /part:(\d+): the gzip data ends early/.exec((error as Error).message)!;
    expect(Number(line)).toBeGreaterThan(1_000);
    expect(Number(line)).toBeLessThan(50_000);
  });
});

describe("the byte reader", () => {
  it("gives the same rows as fast-csv, with quotes and chunk borders at any place", async () => {
    const folder = makeFolder({});
    const cell = fc.oneof(fc.nat().map(String), fc.stringMatching(/^[a-z,"\n]{0,6}$/));
    const table = fc.array(fc.tuple(cell, cell, cell), { maxLength: 40 });
    const quote = (text: string): string =>
      /[,"\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    await fc.assert(
      fc.asyncProperty(table, fc.nat(400_000), async (rows, padding) => {
        const path = join(folder, "table.csv");
        const long = `${"x".repeat(padding)},1,2\n`;
        const body = rows.map((row) => `${row.map(quote).join(",")}\n`).join("");
        writeFileSync(path, `a,b,c\n${long}${body}`);
        expect(await readAll(path, "bytes")).toEqual(await readAll(path, "fast-csv"));
      }),
      { numRuns: 50 },
    );
  });
});
