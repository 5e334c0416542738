import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Client, invocationOf, type Target } from "./client.js";
import { Tally } from "./tally.js";

const BOUND_MS = 300;

/** An HTTP answer in the form that the worker sends. */
function answer(status: number, body: string): string {
  return `HTTP/1.1 ${status} X\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/**
 * Sends `times` requests to a server that calls `serve` with each request's token, and counts the
 * outcomes.
 */
async function tallyOf(
  serve: (socket: Socket, token: string, asked: number) => void,
  times = 1,
): Promise<Tally> {
  let asked = 0;
  const server = createServer((socket) => {
    socket.on("data", (chunk) => {
      const body = chunk.toString().split("\r\n\r\n")[1];
      serve(socket, JSON.stringify(JSON.parse(body).token), asked++);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const tally = new Tally();
  const { port } = server.address() as { port: number };
  const client = new Client({ port }, tally, BOUND_MS);
  for (let n = 0; n < times; n++) await client.ask(invocationOf("f"));
  client.close();
  return tally;
}

const counts = ({ requests, unanswered, doubled, wrong, cut }: Tally) => ({
  ...{ requests, unanswered, doubled, wrong, cut },
});
const NONE = { requests: 1, unanswered: 0, doubled: 0, wrong: 0, cut: 0 };

test("a request with one answer that contains its token has one outcome", async () => {
  const tally = await tallyOf((socket, token) => socket.write(answer(200, token)), 3);
  expect(counts(tally)).toEqual({ ...NONE, requests: 3 });
  expect([...tally.statuses]).toEqual([[200, 3]]);
});

test("an answer in pieces is one answer", async () => {
  const tally = await tallyOf((socket, token) => {
    const text = answer(200, token);
    socket.write(text.slice(0, 20));
    setTimeout(() => socket.write(text.slice(20, -3)), 20);
    setTimeout(() => socket.write(text.slice(-3)), 40);
  });
  expect(counts(tally)).toEqual(NONE);
});

test("an answer with the token of another request is wrong; the text of an error is not compared", async () => {
  const other = await tallyOf((socket) => socket.write(answer(200, '"token-0"')));
  expect(counts(other)).toEqual({ ...NONE, wrong: 1 });
  const failed = await tallyOf((socket) => socket.write(answer(500, "{}")));
  expect(counts(failed)).toEqual(NONE);
});

test("two answers at once count as doubled", async () => {
  const tally = await tallyOf((socket, token) => socket.write(answer(200, token).repeat(2)));
  expect(counts(tally)).toEqual({ ...NONE, doubled: 1 });
});

test("a second answer that comes while the next request waits counts as doubled or wrong", async () => {
  // the first request is answered twice, the second time together with the answer to the next
  // request
  const tally = await tallyOf((socket, token, asked) => {
    if (asked === 0) socket.write(answer(200, token));
    else socket.write(answer(200, '"token-of-before"') + answer(200, token));
  }, 2);
  expect(counts(tally)).toEqual({ ...NONE, requests: 2, doubled: 1, wrong: 1 });
});

test("a request without an answer in time, or whose connection ends, is unanswered", async () => {
  const silent = await tallyOf(() => {});
  expect(counts(silent)).toEqual({ ...NONE, unanswered: 1 });
  const ended = await tallyOf((socket) => socket.destroy());
  expect(counts(ended)).toEqual({ ...NONE, unanswered: 1 });
  const half = await tallyOf((socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"),
  );
  expect(counts(half)).toEqual({ ...NONE, unanswered: 1 });
});

test("a request that a deliberate kill cuts off is counted separately; one that cannot be sent is not counted", async () => {
  const target: Target = { port: undefined };
  const tally = new Tally();
  const server = createServer((socket) => {
    socket.on("data", () => {
      target.port = undefined;
      socket.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  target.port = port;
  const client = new Client(target, tally, BOUND_MS);
  await client.ask(invocationOf("f"));
  expect(counts(tally)).toEqual({ ...NONE, cut: 1 });
  server.close();
  await once(server, "close");
  target.port = port;
  expect(await client.ask(invocationOf("f"))).toBeUndefined();
  expect(counts(tally)).toEqual({ ...NONE, cut: 1 });
});
