/** Shows how far a run has come in its virtual time. */
export interface Progress {
  update(nowUs: number): void;
  stop(): void;
}

export const SILENT_PROGRESS: Progress = { update: () => {}, stop: () => {} };
