import {
  type BasicType,
  ByteWriter,
  type ColumnSource,
  ParquetWriter,
  schemaFromColumnData,
} from "hyparquet-writer";

/** A column of a Parquet file, without its values. */
export interface ParquetColumn extends Pick<ColumnSource, "name" | "nullable"> {
  readonly type: BasicType;
}

/** The values of a column: one per row. INT64 takes bigints, TIMESTAMP dates. */
export type ParquetValues = ColumnSource["data"];

const CREATED_BY = "socklab";

/** A Parquet file that is being written: `bytes` holds what was not given to `write` yet. */
export interface ParquetFile {
  readonly bytes: ByteWriter;
  readonly writer: ParquetWriter;
  /** Gives the bytes to `write`, for which they are valid only until it returns. */
  flush(): void;
}

export function openParquet(
  columns: readonly ParquetColumn[],
  write: (bytes: Uint8Array) => void,
): ParquetFile {
  const bytes = new ByteWriter();
  const flush = () => {
    write(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  };
  const schema = schemaFromColumnData({
    columnData: columns.map(({ name, type, nullable = false }) => ({
      name,
      type,
      nullable,
      data: [],
    })),
  });
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush, finish: flush }),
    schema,
    createdBy: CREATED_BY,
  });
  return { bytes, writer, flush };
}

/** Writes a Parquet file, one row group at a time, so that memory holds one group only. */
export class ParquetTable {
  readonly #columns: readonly ParquetColumn[];
  readonly #writer: ParquetWriter;

  constructor(columns: readonly ParquetColumn[], write: (bytes: Uint8Array) => void) {
    this.#columns = columns;
    this.#writer = openParquet(columns, write).writer;
  }

  /** Writes one row group: the values of each column, all of one length. */
  writeGroup(values: readonly ParquetValues[]): void {
    const rows = values[0].length;
    if (rows === 0) return;
    this.#writer.write({
      columnData: this.#columns.map(({ name }, at) => ({ name, data: values[at] })),
      rowGroupSize: rows,
    });
  }

  /** Writes the end of the file. */
  finish(): void {
    this.#writer.finish();
  }
}
