import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { PassThrough, pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse } from "fast-csv";
import { InputError } from "../../basics/errors.js";
import { ByteRows } from "./byte-rows.js";
import { type Rows, requireColumns, type TableHeader, TextRows } from "./rows.js";

/**
 * How a table is read. `fast-csv` reads any CSV. `bytes` is for tables of a thousand columns or of
 * millions of rows (docs/evidence/reading-traces.md has the measurement). At the first quote it
 * hands the rest of the file over to fast-csv, so both give the same rows.
 */
export type RowMethod = "fast-csv" | "bytes";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1 << 18;
const ROWS_A_BLOCK = 256;

/**
 * The rows of a CSV file, plain or gzip (its first bytes decide), in blocks. Memory does not grow
 * with the file.
 *
 * Errors: InputError with file and line if the file is missing or empty, a column of `expected` is
 * missing, a row has more or fewer fields than the header, or gzip data is damaged or cut off.
 */
export async function* readRows(
  path: string,
  expected: readonly string[],
  method: RowMethod = "fast-csv",
): AsyncGenerator<Rows, void, void> {
  const position: Position = { line: 1 };
  try {
    if (method === "bytes") yield* readByteRows(path, expected, position);
    else yield* readTextRows(path, await openBytes(path), undefined, expected, position);
  } catch (error) {
    throw explain(error, path, position.line);
  }
}

/** The columns of a CSV file. Errors: as readRows. */
export async function readColumns(path: string): Promise<readonly string[]> {
  for await (const rows of readRows(path, [])) return rows.header.columns;
  throw emptyFile(path, []);
}

interface Position {
  line: number;
}

async function* readTextRows(
  path: string,
  source: AsyncIterable<Buffer>,
  known: TableHeader | undefined,
  expected: readonly string[],
  position: Position,
): AsyncGenerator<Rows, void, void> {
  const failure: Failure = { error: undefined };
  const parser = parse({ headers: false });
  // With a callback, a parser's failure is not thrown outside the loop below.
  pipeline(Readable.from(untilFailure(source, failure)), parser, () => {});
  let header = known;
  let rows: string[][] = [];
  const block = (): TextRows => {
    const made = new TextRows(header!, rows, position.line);
    rows = [];
    return made;
  };
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (header === undefined) {
        header = checkedHeader(path, row, expected);
        position.line = 2;
        continue;
      }
      rows.push(row);
      if (rows.length < ROWS_A_BLOCK) continue;
      const full = block();
      yield full;
      position.line = full.nextLine;
    }
  } catch (error) {
    position.line += rows.length;
    throw failure.error ?? error;
  }
  if (failure.error !== undefined) rows.pop();
  if (header !== undefined) {
    const last = block();
    yield last;
    position.line = last.nextLine;
  }
  if (failure.error !== undefined) throw failure.error;
  if (header === undefined) throw emptyFile(path, expected);
}

interface Failure {
  error: unknown;
}

/** Ends when the source fails, so that the parser still hands out the rows before the failure. */
async function* untilFailure(
  source: AsyncIterable<Buffer>,
  failure: Failure,
): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    failure.error = error;
  }
}

async function* readByteRows(
  path: string,
  expected: readonly string[],
  position: Position,
): AsyncGenerator<Rows, void, void> {
  const source = await openBytes(path);
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  let header: TableHeader | undefined;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for (let last = false; !last; ) {
      const chunk = await chunks.next();
      last = chunk.done === true;
      const bytes: Buffer = last ? rest : Buffer.concat([rest, chunk.value]);
      if (bytes.includes(QUOTE)) {
        return yield* readTextRows(path, resume(bytes, chunks), header, expected, position);
      }
      const end = last ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
      rest = bytes.subarray(end);
      let body = bytes.subarray(0, end);
      if (body.length === 0) continue;
      if (header === undefined) {
        const headerEnd = body.indexOf(LINE_FEED) + 1 || body.length;
        const line = body
          .toString("utf8", 0, headerEnd)
          .replace(/^\uFEFF/, "")
          .trimEnd();
        header = checkedHeader(path, line.split(","), expected);
        position.line = 2;
        body = body.subarray(headerEnd);
      }
      const rows = new ByteRows(header, body, position.line);
      yield rows;
      position.line = rows.line + 1;
    }
  } finally {
    source.destroy();
  }
  if (header === undefined) throw emptyFile(path, expected);
}

async function* resume(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) yield chunk.value;
}

/** The bytes of a file, unpacked if it begins with gzip's magic number. */
async function openBytes(path: string): Promise<Readable> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const gzipped = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  const unpacker = gzipped ? createGunzip({ chunkSize: CHUNK_BYTES }) : new PassThrough();
  return pipeline(stream, unpacker, () => {});
}

function checkedHeader(
  path: string,
  columns: readonly string[],
  expected: readonly string[],
): TableHeader {
  if (columns.join("") === "") throw emptyFile(path, expected);
  const header = { path, columns };
  requireColumns(header, expected);
  return header;
}

function emptyFile(path: string, expected: readonly string[]): InputError {
  const columns = expected.length === 0 ? "" : ` with ${expected.join(",")}`;
  return new InputError(`${path}:1: the file is empty, expected a header${columns}`);
}

function explain(error: unknown, path: string, line: number): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new InputError(`${path}: no such file, expected a CSV file, plain or gzip`);
  }
  if (code === "EISDIR") return new InputError(`${path}: is a folder, expected a CSV file`);
  if (code === "EACCES") return new InputError(`${path}: may not be read, check its permissions`);
  if (code === "Z_BUF_ERROR") {
    return new InputError(`${path}:${line}: the gzip data ends early; fetch the file again`);
  }
  if (code.startsWith("Z_")) {
    return new InputError(`${path}:${line}: damaged gzip data; fetch the file again`);
  }
  if (error.message.startsWith("Parse Error")) {
    return new InputError(`${path}:${line}: not CSV: ${firstLine(error.message)}`);
  }
  return error;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0].slice(0, 160);
}
