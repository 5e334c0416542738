import fc from "fast-check";
import { parseString } from "fast-csv";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { PHASES } from "../../../src/contract/backend.js";
import { InvocationRecord, OUTCOMES, START_KINDS } from "../../../src/contract/observer.js";
import { InvocationBatch } from "../../../src/lab/data/invocation-batch.js";
import { InvocationCsv } from "../../../src/lab/data/invocation-csv.js";
import { InvocationParquet } from "../../../src/lab/data/invocation-parquet.js";

const FUNCTIONS = [
  { name: "plain", application: 0 },
  { name: 'a,"b"\nc', application: 7 },
  { name: "größe", application: 2 ** 31 - 1 },
];

/** The columns that InvitRo has too, and one column per phase, for one record. */
function expectedRow(record: InvocationRecord) {
  const { name, application } = FUNCTIONS[record.functionId];
  const { queueUs, provisionUs, runUs, startKind, outcome } = record;
  const phases = PHASES.map((phase, at) => [
    `${phase}Us`,
    provisionUs === 0 ? 0 : record.phaseUs[at],
  ]);
  return {
    functionName: name,
    application,
    invocationID: record.invocation,
    startTime: record.arrivedAtUs,
    startKind: START_KINDS[startKind] ?? null,
    queueUs,
    provisionUs,
    ...Object.fromEntries(phases),
    actualDuration: runUs,
    responseTime: queueUs + provisionUs + runUs,
    outcome: OUTCOMES[outcome],
    connectionTimeout: startKind === -1,
    functionTimeout: startKind !== -1 && OUTCOMES[outcome] !== "completed",
  };
}

async function readCsv(bytes: Uint8Array) {
  const rows: Record<string, string>[] = [];
  const text = new TextDecoder().decode(bytes);
  for await (const row of parseString(text, { headers: true })) rows.push(row);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, field]) => [name, valueOfField(name, field)]),
    ),
  );
}

const TEXTS = ["functionName", "startKind", "outcome"];
function valueOfField(name: string, field: string) {
  if (name === "startKind" && field === "") return null;
  if (TEXTS.includes(name)) return field;
  return field === "true" || field === "false" ? field === "true" : Number(field);
}

async function readParquet(bytes: Uint8Array) {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === "bigint" ? Number(value) : (value ?? null),
      ]),
    ),
  );
}

const FORMATS = [
  ["CSV", InvocationCsv, readCsv],
  ["Parquet", InvocationParquet, readParquet],
] as const;

/** Whole microseconds: small ones, and up to the largest that a double holds exactly. */
const us = fc.oneof(
  fc.constantFrom(0, 9, 10, 999_999_999, 1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 50),
  fc.nat(1e6),
  fc.nat(2 ** 51),
);
const record = fc
  .record({
    functionId: fc.nat(FUNCTIONS.length - 1),
    invocation: us,
    arrivedAtUs: us,
    outcome: fc.nat(OUTCOMES.length - 1),
    startKind: fc.integer({ min: -1, max: START_KINDS.length - 1 }),
    queueUs: us,
    provisionUs: us,
    runUs: us,
    phases: fc.array(us, { minLength: PHASES.length, maxLength: PHASES.length }),
  })
  .map(({ phases, ...fields }) => {
    const made = Object.assign(new InvocationRecord(), fields);
    made.phaseUs.set(phases);
    return made;
  });

describe.each(FORMATS)("%s", (_name, Encoder, read) => {
  test("an independent reader gets back every record, whatever its numbers and its function's name", async () => {
    const groups = fc.array(fc.array(record, { minLength: 1, maxLength: 9 }), { maxLength: 4 });
    const run = fc.asyncProperty(groups, async (batches) => {
      const pieces: Uint8Array[] = [];
      const encoder = new Encoder(FUNCTIONS, (bytes) => pieces.push(bytes.slice()));
      for (const records of batches) {
        const batch = new InvocationBatch();
        for (const [row, each] of records.entries()) batch.set(row, each);
        encoder.write(batch, records.length);
      }
      encoder.finish();
      expect(await read(Buffer.concat(pieces))).toEqual(batches.flat().map(expectedRow));
    });
    await fc.assert(run, { numRuns: 60 });
  });
});
