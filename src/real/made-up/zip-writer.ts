import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";

/** Data of one file, stored as it is or compressed with raw deflate. */
export interface ZipEntry {
  readonly name: string;
  readonly crc: number;
  readonly sizeBytes: number;
  readonly method: "stored" | "deflated";
  readonly packed: Buffer;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
/** 2.0 is the lowest version that knows deflate. */
const VERSION_NEEDED = 20;
/** 3 is Unix, so that the file mode below is used. */
const MADE_BY = (3 << 8) | VERSION_NEEDED;
/** 1980-01-01 is the earliest date: a zip of the same files has the same bytes on any day. */
const DOS_DATE = (1 << 5) | 1;
/** A regular file that all may read. */
const EXTERNAL_ATTRIBUTES = 0o100644 << 16;
const METHODS = { stored: 0, deflated: 8 } as const;
const LOCAL_HEADER_BYTES = 30;
const CENTRAL_HEADER_BYTES = 46;
const END_BYTES = 22;
/**
 * The largest size that 32 bits express. Larger files need the zip64 extension, which our wheels
 * never need.
 */
const ZIP_LIMIT_BYTES = 0xffff_ffff;

export function storedEntry(name: string, content: Buffer): ZipEntry {
  return {
    name,
    crc: crc32(content),
    sizeBytes: content.length,
    method: "stored",
    packed: content,
  };
}

/** Writes a zip archive (PKWARE's APPNOTE 6.3) of these entries, in their order. */
export async function writeZip(path: string, entries: readonly ZipEntry[]): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    const central: Buffer[] = [];
    let at = 0;
    for (const entry of entries) {
      central.push(centralHeader(entry, at));
      at += await append(file, localHeader(entry));
      at += await append(file, entry.packed);
    }
    const directory = Buffer.concat(central);
    if (at + directory.length > ZIP_LIMIT_BYTES) throw new RangeError(`${path}: over 4 GiB`);
    await append(file, directory);
    await append(file, endOfCentral(entries.length, directory.length, at));
  } finally {
    await file.close();
  }
}

async function append(file: FileHandle, bytes: Buffer): Promise<number> {
  await file.appendFile(bytes);
  return bytes.length;
}

function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name);
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  header.writeUInt16LE(VERSION_NEEDED, 4);
  writeCommonFields(header, 6, entry, name.length);
  return Buffer.concat([header, name]);
}

function centralHeader(entry: ZipEntry, localAt: number): Buffer {
  const name = Buffer.from(entry.name);
  const header = Buffer.alloc(CENTRAL_HEADER_BYTES);
  header.writeUInt32LE(CENTRAL_HEADER, 0);
  header.writeUInt16LE(MADE_BY, 4);
  header.writeUInt16LE(VERSION_NEEDED, 6);
  writeCommonFields(header, 8, entry, name.length);
  header.writeUInt32LE(EXTERNAL_ATTRIBUTES >>> 0, 38);
  header.writeUInt32LE(localAt, 42);
  return Buffer.concat([header, name]);
}

/**
 * Flags (0), method, time, date, checksum, sizes and name length are in the same order in both
 * headers.
 */
function writeCommonFields(header: Buffer, at: number, entry: ZipEntry, nameBytes: number): void {
  header.writeUInt16LE(METHODS[entry.method], at + 2);
  header.writeUInt16LE(DOS_DATE, at + 6);
  header.writeUInt32LE(entry.crc, at + 8);
  header.writeUInt32LE(entry.packed.length, at + 12);
  header.writeUInt32LE(entry.sizeBytes, at + 16);
  header.writeUInt16LE(nameBytes, at + 20);
}

function endOfCentral(count: number, directoryBytes: number, directoryAt: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_OF_CENTRAL, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryAt, 16);
  return end;
}
