/** What is charged now, as policies and observers see it. */
export interface MemoryView {
  readonly limitBytes: number;
  /** All that is charged: running + handler + zygote. */
  readonly usedBytes: number;
  /** Neither charged nor kept for a start that waits for its Zygote. */
  readonly freeBytes: number;
  /** Containers being created or running, and all that is being destroyed. */
  readonly runningBytes: number;
  /** Idle and paused containers: the handler cache. */
  readonly handlerBytes: number;
  /** Zygotes, and pages of dead Zygotes that processes share which are not being destroyed. */
  readonly zygoteBytes: number;
}
