import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { drainBody } from "../../src/worker/drain-body.js";

const PIECE = Buffer.alloc(1000);
const AGES_MS = 1_000_000;

test("a body below the limit is read to its end", async () => {
  const body = Readable.from([PIECE, PIECE, PIECE]);
  await drainBody(body, { bytes: 3000, ms: AGES_MS });
  expect(body.readableEnded).toBe(true);
});

test("of an endless body, no more is read than the limit and what the stream holds ahead", async () => {
  let sent = 0;
  const body = new Readable({
    highWaterMark: 4000,
    read() {
      sent += PIECE.length;
      setImmediate(() => this.push(PIECE));
    },
  });
  await drainBody(body, { bytes: 50_000, ms: AGES_MS });
  expect(sent).toBeGreaterThan(50_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toBeLessThanOrEqual(50_000 + 4000 + 2 * PIECE.length);
});

test("a client that sends nothing, one that leaves, and a body that has ended hold nobody up", async () => {
  const silent = new Readable({ read() {} });
  await drainBody(silent, { bytes: 1, ms: 10 });
  const left = new Readable({ read() {} });
  setImmediate(() => left.destroy(new Error("aborted")));
  await drainBody(left, { bytes: 1, ms: AGES_MS });
  const ended = Readable.from([PIECE]);
  await drainBody(ended, { bytes: 2000, ms: AGES_MS });
  await drainBody(ended, { bytes: 2000, ms: AGES_MS });
});
