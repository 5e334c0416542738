/** A bar of virtual time on a terminal; nothing elsewhere. */
export interface Progress {
  update(nowUs: number): void;
  stop(): void;
}

export const SILENT_PROGRESS: Progress = { update: () => {}, stop: () => {} };
