import { once } from "node:events";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import { InputError, MachineError } from "../../basics/errors.js";
import type { InvocationRecord, Observer } from "../../contract/observer.js";
import type { FunctionProfile } from "../../contract/workload.js";
import { ForwardingObserver } from "../../run/forwarding-observer.js";
import { InvocationBatch, ROWS_PER_BATCH } from "./invocation-batch.js";
import { FAILED, FREE, type FromThread, FULL, type ToThread } from "./invocation-channel.js";
import { INVOCATION_FORMATS, type InvocationFormat } from "./invocation-encoder.js";
import type { ThreadSetup } from "./invocation-thread.js";

const OPTION = "--invocations";
/** One is filled while the others are written. */
const BATCHES = 4;
/** A disk that takes longer for one batch is regarded as dead. */
const LIMIT_MS = 120_000;

/** The format that a file's name asks for. Errors: InputError. */
export function invocationFormat(path: string): InvocationFormat {
  const format = INVOCATION_FORMATS.find((end) => path.endsWith(end));
  if (format !== undefined) return format;
  throw new InputError(
    `${OPTION} ${path}: expected a name that ends in ${INVOCATION_FORMATS.join(", ")}`,
  );
}

/** The file of a log. It appears under its name when it is complete. */
export interface LogFile {
  /** Open for writing. */
  readonly descriptor: number;
  complete(): void;
  discard(): void;
  /** The error for a reason why the file cannot be written. */
  unwritable(reason: string): InputError;
}

/**
 * Writes one row per invocation, in the order in which invocations end, without holding up the run:
 * the run copies each record into a batch, and a thread writes full batches to the file. If all
 * batches are full, the run waits for the thread, so memory is bounded.
 *
 * Errors: InputError if the disk does not take the file, MachineError if it does not answer.
 */
export class InvocationLog {
  readonly #file: LogFile;
  readonly #format: InvocationFormat;
  readonly #batches = Array.from({ length: BATCHES }, () => new InvocationBatch());
  readonly #states = new Int32Array(new SharedArrayBuffer(4 * BATCHES));
  #thread: Worker | undefined;
  #port: MessagePort | undefined;
  #died: Promise<Error> | undefined;
  #batch: InvocationBatch = this.#batches[0];
  #current = 0;
  #rows = 0;

  constructor(file: LogFile, format: InvocationFormat) {
    this.#file = file;
    this.#format = format;
  }

  /** Starts the thread. Returns an observer that passes all reports on to `to`. */
  start(functions: readonly FunctionProfile[], to: Observer): Observer {
    const { port1, port2 } = new MessageChannel();
    const workerData: ThreadSetup = {
      format: this.#format,
      functions: functions.map(({ name, app }) => ({ name, application: app })),
      descriptor: this.#file.descriptor,
      buffers: this.#batches.map(({ buffer }) => buffer),
      states: this.#states,
      port: port2,
    };
    this.#port = port1;
    this.#thread = new Worker(new URL("./invocation-thread.js", import.meta.url), {
      workerData,
      transferList: [port2],
    });
    this.#died = new Promise((resolve) => this.#thread!.once("error", resolve));
    return new LoggingObserver(to, this);
  }

  add(record: InvocationRecord): void {
    this.#batch.set(this.#rows++, record);
    if (this.#rows === ROWS_PER_BATCH) this.#handOver();
  }

  /** Writes the rest. The file appears under its name. */
  async complete(): Promise<void> {
    if (this.#rows > 0) this.#handOver();
    this.#send("end");
    const last = await Promise.race([this.#nextMessage(), this.#died!]);
    if (last instanceof Error) throw last;
    if (last !== "written") throw this.#file.unwritable(last.error);
    await this.#thread!.terminate();
    this.#file.complete();
  }

  /** Ends the thread and removes what was written, unless the file is complete. */
  async discard(): Promise<void> {
    await this.#thread?.terminate();
    this.#file.discard();
  }

  #handOver(): void {
    const states = this.#states;
    Atomics.compareExchange(states, this.#current, FREE, FULL);
    this.#send({ batch: this.#current, rows: this.#rows });
    this.#rows = 0;
    this.#current = (this.#current + 1) % BATCHES;
    this.#batch = this.#batches[this.#current];
    if (Atomics.wait(states, this.#current, FULL, LIMIT_MS) === "timed-out") {
      throw new MachineError(
        `${OPTION}: the disk took longer than ${LIMIT_MS / 1000} s for ${ROWS_PER_BATCH} rows: is it still there?`,
      );
    }
    if (Atomics.load(states, this.#current) === FAILED) this.#fail();
  }

  async #nextMessage(): Promise<FromThread> {
    const [message] = await once(this.#port!, "message");
    return message;
  }

  #send(message: ToThread): void {
    this.#port!.postMessage(message);
  }

  #fail(): never {
    const { message } = receiveMessageOnPort(this.#port!) as {
      readonly message: { readonly error: string };
    };
    throw this.#file.unwritable(message.error);
  }
}

/** Adds each invocation that ends to the log. */
class LoggingObserver extends ForwardingObserver {
  readonly #log: InvocationLog;

  constructor(to: Observer, log: InvocationLog) {
    super(to);
    this.#log = log;
  }

  override ended(atUs: number, record: InvocationRecord): void {
    this.#log.add(record);
    super.ended(atUs, record);
  }
}
