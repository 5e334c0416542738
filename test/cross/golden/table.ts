import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VERSION } from "../libcachesim/libcachesim.js";

export const GOLDEN_FILE = join(import.meta.dirname, `libcachesim-${VERSION}.csv`);

/** Hits of one algorithm on one workload. */
export interface GoldenRow {
  readonly algorithm: string;
  readonly workload: string;
  /** One character per request: "1" for a hit, "0" for a miss. */
  readonly hits: string;
}

const HEADER = `\
# Hits and misses of libcachesim ${VERSION} (PyPI), every cache empty at first, on the workloads of
# test/cross/workloads.ts, with the arguments of test/cross/pairs.ts. Written by: npx tsx test/cross/golden/write.ts
# hits: four requests per hexadecimal digit, the first in its highest bit, 1 for a hit; filled up with 0.
algorithm,workload,requests,misses,hits
`;

export function goldenText(rows: readonly GoldenRow[]): string {
  const lines = rows.map(({ algorithm, workload, hits }) => {
    const digits = hits.match(/.{1,4}/g) ?? [];
    const hex = digits.map((four) => Number.parseInt(four.padEnd(4, "0"), 2).toString(16));
    return [algorithm, workload, hits.length, missesOf(hits), hex.join("")].join(",");
  });
  return `${HEADER}${lines.join("\n")}\n`;
}

export function readGolden(): readonly GoldenRow[] {
  const lines = readFileSync(GOLDEN_FILE, "utf8").trimEnd().split("\n");
  const rows = lines.filter((line) => !line.startsWith("#")).slice(1);
  return rows.map((row) => {
    const [algorithm, workload, requests, , hex] = row.split(",");
    const bits = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0"));
    return { algorithm, workload, hits: bits.join("").slice(0, Number(requests)) };
  });
}

export function missesOf(hits: string): number {
  return hits.split("0").length - 1;
}
