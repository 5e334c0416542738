/** To the thread: a batch that is full, or the end. */
export type ToThread = { readonly batch: number; readonly rows: number } | "end";
/** The last message of the thread: all is written, or why it could not be. */
export type FromThread = "written" | { readonly error: string };

/** The run may fill the batch. */
export const FREE = 0;
/** The thread has yet to write the batch. */
export const FULL = 1;
/** The thread has failed, and no batch will be free again. */
export const FAILED = 2;
