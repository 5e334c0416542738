import type { Chart } from "./charts/chart.js";
import type { Table } from "./table.js";

/** A drawing that suits any width. */
export interface Figure {
  /** Its name in the page and in the names of exported files; unique in a report. */
  readonly id: string;
  /** What distinguishes it from the section's other drawings. */
  readonly caption: string | null;
  readonly chart: Chart;
  /** Whether two of them are side by side if the screen is wide enough. */
  readonly isHalf?: boolean;
}

/** A section that has nothing to show, with the reason in brackets. */
export interface LeftOut {
  readonly leftOut: string;
}

/** One question of a report: its text, its drawings, and every number drawn. */
export interface Section {
  /** Id of the section and of its table. */
  readonly id: string;
  readonly title: string;
  /** What is shown, of which runs, and how to read it. */
  readonly text: string;
  readonly figures: readonly Figure[];
  /** If given, the page shows one of the figures, which the reader chooses by caption. */
  readonly choice?: string;
  readonly table: Table;
  /** Whether the page shows the table without a click. */
  readonly isTableOpen: boolean;
  /** Whether the page has a filter for the rows. */
  readonly hasFilter?: boolean;
  /** Number of rows that the page shows, so that it stays small. The CSV and JSON have all rows. */
  readonly pageRows?: number;
  /** Whether it is the answer, which the page shows before what ran; its text follows its table. */
  readonly isAnswer?: boolean;
  /** Whether it is too long for paper. */
  readonly isScreenOnly?: boolean;
  /** Long texts, each shown by a click on its title. */
  readonly blocks?: readonly { readonly title: string; readonly text: string }[];
}
