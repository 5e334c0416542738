import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { loadNative, type Poller, type PollerEvent } from "../../src/real/host/native.js";
import { describeReal } from "./stand.js";

const FLOODER = fileURLToPath(new URL("flooder.py", import.meta.url));
const SLICE_BYTES = 65_536;
const MOST_BYTES = 8 << 20;

interface News {
  readonly event: PollerEvent;
  readonly token: number;
  readonly value: string | number;
  readonly body?: Buffer;
}

const pollers: Poller[] = [];

afterEach(() => {
  for (const each of pollers.splice(0)) each.close();
});

/** A poller, and the news that it delivers. `onNews` receives each immediately. */
function watching(onNews: (poller: Poller, news: News) => void = () => {}) {
  const news: News[] = [];
  const poller: Poller = new (loadNative().Poller)((event, token, value, body) => {
    news.push({ event, token, value, ...(body !== undefined && { body }) });
    onNews(poller, news.at(-1)!);
  });
  pollers.push(poller);
  return { poller, news };
}

/** Makes a stream that the poller watches under a token. Returns its far end. */
function stream(poller: Poller, token: number): number {
  const [near, far] = loadNative().socketPair(false);
  poller.watchStream(token, near, MOST_BYTES);
  return far;
}

function frame(content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(content));
  return Buffer.concat([length, Buffer.from(content)]);
}

describeReal("the poller", () => {
  test("reads at most one slice of a process that floods its stream, and reads others afterwards", async () => {
    const native = loadNative();
    const { poller, news } = watching();
    const far = stream(poller, 1);
    const child = spawn("python3", [FLOODER, "32768"], {
      stdio: ["ignore", "pipe", "inherit", far],
    });
    native.closeFd(far);
    const [printed] = await Promise.all([text(child.stdout!), once(child, "exit")]);
    const [queueBytes, takenBytes] = printed.split(" ").map(Number) as [number, number];
    expect(news).toEqual([{ event: "oversized", token: 1, value: 0x78787878 }]);
    // what the kernel accepted: one slice was read, and the rest was in its queue
    expect(takenBytes).toBeGreaterThan(0);
    expect(takenBytes).toBeLessThanOrEqual(SLICE_BYTES + queueBytes);
    const other = stream(poller, 2);
    writeSync(other, frame("heard"));
    await expect.poll(() => news.at(-1)).toEqual({ event: "frame", token: 2, value: "heard" });
    native.closeFd(other);
  });

  test("delivers nothing more of a stream that is forgotten at its first frame", async () => {
    const { poller, news } = watching((each, { token }) => each.forget(token));
    const far = stream(poller, 1);
    writeSync(far, Buffer.concat(Array.from({ length: 1000 }, () => frame("no message"))));
    await expect.poll(() => news.length).toBeGreaterThan(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(news).toEqual([{ event: "frame", token: 1, value: "no message" }]);
    loadNative().closeFd(far);
  });

  test("delivers a short frame before a long one that was sent first and fills two slices", async () => {
    const { poller, news } = watching();
    const [long, short] = [stream(poller, 1), stream(poller, 2)];
    const content = "x".repeat(SLICE_BYTES + 1);
    writeSync(long, frame(content));
    writeSync(short, frame("short"));
    await expect.poll(() => news.length).toBe(2);
    expect(news).toEqual([
      { event: "frame", token: 2, value: "short" },
      { event: "frame", token: 1, value: content },
    ]);
    for (const far of [long, short]) loadNative().closeFd(far);
  });

  test("delivers whole frames, however their bytes are cut, and what follows a line as its body", async () => {
    const { poller, news } = watching();
    const far = stream(poller, 1);
    const contents = ["", "a", "line\n\u0000body\nof lines", "empty\n", "ä€😀"];
    for (const byte of Buffer.concat(contents.map(frame))) {
      writeSync(far, Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => news.length).toBe(contents.length);
    expect(news.map(({ value, body }) => [value, body?.toString()])).toEqual([
      ["", undefined],
      ["a", undefined],
      ["line", "\u0000body\nof lines"],
      ["empty", ""],
      ["ä€😀", undefined],
    ]);
    loadNative().closeFd(far);
  });
});
