import type { InvocationResult } from "./worker.js";

/** What one invocation printed, and how it ended. */
export interface LogEntry
  extends Pick<
    InvocationResult,
    "outcome" | "start" | "message" | "traceback" | "stdout" | "stderr"
  > {
  /** When it ended, in ISO 8601. */
  readonly at: string;
  /** The header of that name, if its caller sent a valid one. */
  readonly traceparent?: string;
}

interface FunctionLog {
  entries: LogEntry[];
  chars: number;
}

const DEFAULT_LIMITS = { functionChars: 256 * 1024, allChars: 64 * 1024 ** 2 };
/** What an entry takes beside its texts. */
const ENTRY_CHARS = 256;
/** As much of the end of the output as AWS returns for `LogType: Tail`. */
const TAIL_BYTES = 4096;

/**
 * The last invocations of each function. The oldest are dropped when a function has too many
 * characters, and the functions that have not run for longest when all functions have too many.
 */
export class FunctionLogs {
  readonly #limits: typeof DEFAULT_LIMITS;
  /** In order of their last entries. */
  readonly #logs = new Map<string, FunctionLog>();
  #chars = 0;

  constructor(limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Entries of a function, oldest first. */
  of(name: string): readonly LogEntry[] {
    return this.#logs.get(name)?.entries ?? [];
  }

  add(name: string, at: string, result: InvocationResult, traceparent?: string): void {
    const { outcome, start, message, traceback, stdout, stderr } = result;
    const said = { outcome, start, message, traceback, stdout, stderr };
    const entry = { at, ...(traceparent !== undefined && { traceparent }), ...said };
    const log = this.#logs.get(name) ?? { entries: [], chars: 0 };
    this.#logs.delete(name);
    this.#logs.set(name, log);
    log.entries.push(entry);
    this.#count(log, charsOf(entry));
    while (log.chars > this.#limits.functionChars && log.entries.length > 1) {
      this.#count(log, -charsOf(log.entries.shift()!));
    }
    for (const other of this.#logs.keys()) {
      if (this.#chars <= this.#limits.allChars || other === name) break;
      this.drop(other);
    }
  }

  drop(name: string): void {
    this.#chars -= this.#logs.get(name)?.chars ?? 0;
    this.#logs.delete(name);
  }

  #count(log: FunctionLog, chars: number): void {
    log.chars += chars;
    this.#chars += chars;
  }
}

/** The end of an invocation's output, in Base64. */
export function logTail({ stdout, stderr }: Pick<LogEntry, "stdout" | "stderr">): string {
  return Buffer.from(stdout + stderr)
    .subarray(-TAIL_BYTES)
    .toString("base64");
}

function charsOf({ message, traceback, stdout, stderr }: LogEntry): number {
  return ENTRY_CHARS + message.length + traceback.length + stdout.length + stderr.length;
}
