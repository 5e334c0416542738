import { writeSync } from "node:fs";
import { type MessagePort, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { InvocationBatch } from "./invocation-batch.js";
import { FAILED, FREE, type FromThread, type ToThread } from "./invocation-channel.js";
import { InvocationCsv } from "./invocation-csv.js";
import type { InvocationEncoder, InvocationFormat, LoggedFunction } from "./invocation-encoder.js";

/** What the thread that writes invocations gets when it starts. */
export interface ThreadSetup {
  readonly format: InvocationFormat;
  readonly functions: readonly LoggedFunction[];
  /** The file, open for writing. */
  readonly descriptor: number;
  /** Memory of the batches. */
  readonly buffers: readonly SharedArrayBuffer[];
  /** Per batch FREE, FULL or FAILED. */
  readonly states: Int32Array;
  readonly port: MessagePort;
}

/** Little effort: a run makes invocations faster than a thread compresses them well. */
const GZIP = { level: 1 } as const;

/** Writes batches to the file as they come. The first failure ends it. */
async function work(setup: ThreadSetup): Promise<void> {
  const batches = setup.buffers.map((buffer) => new InvocationBatch(buffer));
  try {
    const encoder = await encoderOf(setup);
    setup.port.on("message", (message: ToThread) => {
      try {
        take(message, encoder, batches, setup);
      } catch (error) {
        fail(error as Error, setup);
      }
    });
  } catch (error) {
    fail(error as Error, setup);
  }
}

function take(
  message: ToThread,
  encoder: InvocationEncoder,
  batches: readonly InvocationBatch[],
  { port, states }: ThreadSetup,
): void {
  if (message === "end") {
    encoder.finish();
    port.postMessage("written" satisfies FromThread);
    port.close();
    return;
  }
  const batch = batches[message.batch];
  encoder.write(batch, message.rows);
  batch.clear(message.rows);
  Atomics.store(states, message.batch, FREE);
  Atomics.notify(states, message.batch);
}

function fail({ message }: Error, { port, states }: ThreadSetup): void {
  port.postMessage({ error: message } satisfies FromThread);
  port.close();
  for (let batch = 0; batch < states.length; batch++) {
    Atomics.store(states, batch, FAILED);
    Atomics.notify(states, batch);
  }
}

async function encoderOf({
  format,
  functions,
  descriptor,
}: ThreadSetup): Promise<InvocationEncoder> {
  const write = (bytes: Uint8Array) => writeAll(descriptor, bytes);
  switch (format) {
    case ".csv":
      return new InvocationCsv(functions, write);
    case ".csv.gz":
      // each piece is one member of the file; RFC 1952 allows several
      return new InvocationCsv(functions, (bytes) => write(gzipSync(bytes, GZIP)));
    case ".parquet": {
      const { InvocationParquet } = await import("./invocation-parquet.js");
      return new InvocationParquet(functions, write);
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

await work(workerData as ThreadSetup);
