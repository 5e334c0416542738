import type { HttpHead, Said } from "./messages.js";

/** The function that a container shall serve. */
export interface ContainerSpec {
  /** Folder with `f.py`. */
  readonly code: string;
  /** Entries of sys.path, as paths in the container. */
  readonly paths: readonly string[];
  /** Modules that are imported before the handler is loaded. */
  readonly modules: readonly string[];
  /** The function's settings as JSON (HandlerSettings); absent: it has none. */
  readonly settings?: string | undefined;
  /**
   * Called with modules that the first call has imported, before the call ends; undefined: the
   * container does not look for them.
   */
  readonly onSeen?: ((modules: readonly unknown[]) => void) | undefined;
}

/** How one invocation ended. */
export interface InvocationEnd extends Said {
  readonly status: "ok" | "failed" | "timed-out";
  /**
   * `ok`, `exception`, `exit`, `oversized` and `bad-event` (the event is not JSON) come from the
   * guest, `died` and `timed-out` from this process.
   */
  readonly outcome: string;
  /** One line; empty for `ok`. */
  readonly message: string;
  /** The answer's body; undefined: there is no answer, or it was sent in pieces. */
  readonly answer: Buffer | undefined;
  /** Status and headers of the answer; undefined: it is a JSON value. */
  readonly http: HttpHead | undefined;
  /** Wall time that the handler ran. */
  readonly runUs: number;
  /** Time that it took to thaw the paused container; 0 if it was not frozen. */
  readonly thawUs: number;
}
