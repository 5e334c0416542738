/** A page of docs/ that is made from data in the code. */
export interface Page {
  /** Path below docs/. */
  readonly path: string;
  readonly text: string;
}

/** The last line of each page's first paragraph. */
export const MADE_BY = "`npm run docs` makes this page; a test checks that it is up to date.";
