import type { Table } from "./table.js";

/** A drawing that suits any width, in pixels. */
export interface Figure {
  /** What tells it from the section's other drawings. */
  readonly caption: string | null;
  draw(width: number): string;
}

/** One question of a report: its words, its drawings, and every number drawn. */
export interface Section {
  /** The table's too. */
  readonly id: string;
  readonly title: string;
  /** What is shown, of which runs, and how to read it. */
  readonly text: string;
  readonly figures: readonly Figure[];
  readonly table: Table;
  /** Shown without being asked for. */
  readonly isTableOpen: boolean;
  /** Rows can be searched. */
  readonly hasFilter?: boolean;
  /** The page stays small: it shows the first rows, the CSV and JSON have all. */
  readonly pageRows?: number;
  /** Long text behind a line each. */
  readonly blocks?: readonly { readonly title: string; readonly text: string }[];
}
