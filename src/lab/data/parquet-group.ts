import type { ColumnChunk, Encoding, ParquetType, RowGroup } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { deltaBinaryPack } from "hyparquet-writer/src/delta.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import { DeltaPacker } from "./delta-packing.js";
import type { TextDictionary } from "./text-dictionary.js";

/** What a page has before its values, and how many of its rows have none. */
interface Levels {
  readonly bytes: Uint8Array;
  readonly nulls: number;
}

const NO_LEVELS: Levels = { bytes: new Uint8Array(), nulls: 0 };

/**
 * Writes row groups of a Parquet file from typed arrays, with one page per column and no compression:
 * packed numbers hardly shrink further. hyparquet-writer, whose parts it uses, takes lists of values
 * and checks each of them, which takes longer than the run that made them.
 */
export class ParquetGroups {
  readonly #bytes: ByteWriter;
  readonly #packer: DeltaPacker;
  #chunks: ColumnChunk[] = [];
  #rows = 0;
  #startsAt = 0;

  /** `mostRows`: of one group. */
  constructor(bytes: ByteWriter, mostRows: number) {
    this.#bytes = bytes;
    this.#packer = new DeltaPacker(mostRows);
  }

  /** Begins a group of so many rows, at least one. Its columns follow in the file's order. */
  begin(rows: number): void {
    this.#chunks = [];
    this.#rows = rows;
    this.#startsAt = this.#bytes.offset;
  }

  /** A column of 64-bit integers. */
  integers(name: string, values: Float64Array): void {
    const packed = this.#packer.pack(values, this.#rows) ?? packSlowly(values, this.#rows);
    const from = this.#bytes.offset;
    this.#page("DELTA_BINARY_PACKED", packed);
    this.#chunk(name, "INT64", ["DELTA_BINARY_PACKED"], from);
  }

  /** A column of booleans, 0 or 1. */
  booleans(name: string, values: Uint8Array): void {
    const runs = new ByteWriter();
    writeRleBitPackedHybrid(runs, values.subarray(0, this.#rows), 1);
    const page = new ByteWriter();
    page.appendUint32(runs.index);
    page.appendBytes(runs.getBytes());
    const from = this.#bytes.offset;
    this.#page("RLE", page.getBytes());
    this.#chunk(name, "BOOLEAN", ["RLE"], from);
  }

  /** A column of texts that were given to the dictionary by their numbers, one per row. */
  texts(name: string, dictionary: TextDictionary, isNullable = false): void {
    const { indexes, nulls, bitWidth } = dictionary;
    const from = this.#bytes.offset;
    this.#dictionaryPage(dictionary);
    const valuesFrom = this.#bytes.offset;
    const page = new ByteWriter();
    page.appendUint8(bitWidth);
    writeRleBitPackedHybrid(page, indexes, bitWidth);
    const levels = isNullable ? levelsOf(dictionary.hasText, nulls) : NO_LEVELS;
    this.#page("RLE_DICTIONARY", page.getBytes(), levels);
    this.#chunk(name, "BYTE_ARRAY", ["PLAIN", "RLE_DICTIONARY"], from, valuesFrom);
  }

  /** What the end of the file says about the group. */
  end(): RowGroup {
    const size = this.#bytes.offset - this.#startsAt;
    return {
      columns: this.#chunks,
      total_byte_size: BigInt(size),
      num_rows: BigInt(this.#rows),
      total_compressed_size: BigInt(size),
    };
  }

  #dictionaryPage({ texts, size }: TextDictionary): void {
    writePageHeader(this.#bytes, {
      type: "DICTIONARY_PAGE",
      uncompressed_page_size: texts.length,
      compressed_page_size: texts.length,
      dictionary_page_header: { num_values: size, encoding: "PLAIN" },
    });
    this.#bytes.appendBytes(texts);
  }

  #page(encoding: Encoding, values: Uint8Array, levels = NO_LEVELS): void {
    const size = levels.bytes.length + values.length;
    writePageHeader(this.#bytes, {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: size,
      compressed_page_size: size,
      data_page_header_v2: {
        num_values: this.#rows,
        num_nulls: levels.nulls,
        num_rows: this.#rows,
        encoding,
        definition_levels_byte_length: levels.bytes.length,
        repetition_levels_byte_length: 0,
        is_compressed: false,
      },
    });
    this.#bytes.appendBytes(levels.bytes);
    this.#bytes.appendBytes(values);
  }

  #chunk(
    name: string,
    type: ParquetType,
    encodings: Encoding[],
    from: number,
    valuesFrom = from,
  ): void {
    const size = BigInt(this.#bytes.offset - from);
    this.#chunks.push({
      file_offset: BigInt(from),
      meta_data: {
        type,
        encodings,
        path_in_schema: [name],
        codec: "UNCOMPRESSED",
        num_values: BigInt(this.#rows),
        total_uncompressed_size: size,
        total_compressed_size: size,
        data_page_offset: BigInt(valuesFrom),
        ...(valuesFrom !== from && { dictionary_page_offset: BigInt(from) }),
      },
    });
  }
}

/** For numbers that are too large for DeltaPacker. */
function packSlowly(values: Float64Array, rows: number): Uint8Array {
  const bytes = new ByteWriter();
  deltaBinaryPack(bytes, BigInt64Array.from(values.subarray(0, rows), BigInt), "INT64");
  return bytes.getBytes();
}

/** Definition levels: 1 for each row that has a text. */
function levelsOf(hasText: Uint8Array, nulls: number): Levels {
  const bytes = new ByteWriter();
  writeRleBitPackedHybrid(bytes, hasText, 1);
  return { bytes: bytes.getBytes(), nulls };
}
