/**
 * Filled in by a keep-alive policy; preset to "keep this container forever, never pause it, no
 * pre-warming".
 */
export interface KeepAliveDecision {
  /** Keep-alive window: how long the idle container is kept. Infinity: until it is evicted. */
  keepUs: number;
  /** Idle time after which it is paused; Infinity: never. */
  pauseAfterUs: number;
  /**
   * Pre-warm window: time until containers are created for the function; Infinity: never. It
   * replaces a window decided earlier for the function, and the function's next arrival cancels it.
   */
  prewarmAfterUs: number;
  /** How many containers of the function are to be idle or in the making then; preset to 1. */
  prewarmCount: number;
  /** True: no other idle container of the function is kept for longer than this; preset to false. */
  limitsOthers: boolean;
}
