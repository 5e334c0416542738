import type { Table } from "./table.js";

/** A drawing that suits any width, in pixels. */
export interface Figure {
  /** What distinguishes it from the section's other drawings. */
  readonly caption: string | null;
  draw(width: number): string;
}

/** One question of a report: its text, its drawings, and every number drawn. */
export interface Section {
  /** Id of the section and of its table. */
  readonly id: string;
  readonly title: string;
  /** What is shown, of which runs, and how to read it. */
  readonly text: string;
  readonly figures: readonly Figure[];
  readonly table: Table;
  /** Whether the page shows the table without a click. */
  readonly isTableOpen: boolean;
  /** Whether the page has a filter for the rows. */
  readonly hasFilter?: boolean;
  /** Number of rows that the page shows, so that it stays small. The CSV and JSON have all rows. */
  readonly pageRows?: number;
  /** Long texts, each shown by a click on its title. */
  readonly blocks?: readonly { readonly title: string; readonly text: string }[];
}
