import { expect, test } from "vitest";
import { fifoEviction } from "../../../src/policies/evict/fifo.js";
import { s3FifoEviction } from "../../../src/policies/evict/s3-fifo.js";
import { sieveEviction } from "../../../src/policies/evict/sieve.js";
import { EvictCache, victimsOf } from "./cache.js";

test("fifo evicts in order of creation, whatever was used since", () => {
  expect(victimsOf(fifoEviction, { room: 3 }, "A B C A A D B E")).toBe("D:A E:B");
});

test("fifo compares a Zygote by the time of its creation", () => {
  const cache = new EvictCache(fifoEviction, { room: 3 });
  cache.view.nowUs = 10;
  const zygote = cache.view.addZygote([]);
  cache.serve("A B");
  cache.view.zygoteSlots[zygote].lastUsedUs = 100;
  // The Zygote was created at 10, A at 11: the Zygote goes, although it was used last.
  expect(cache.policy.victim(cache.view, 1)).toEqual({ tier: "import", zygote });
  cache.view.zygoteSlots[zygote].containers = 1; // its pages would stay
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ tier: "handler" });
});

test("fifo passes over a busy container, which keeps its place", () => {
  const cache = new EvictCache(fifoEviction, { room: 3 });
  cache.serve("A B C");
  cache.view.beginRun(0);
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 1 });
  cache.view.fallIdle(0);
  cache.policy.onIdle!(cache.view, 0);
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 0 });
});

test("sieve: the hand clears the bits of A, B, C, evicts A, and stays there: then D, F, G go", () => {
  // Queue from the oldest to the newest; ' marks a visited object; the hand is before |.
  //   A B C A B C   |A'B'C'
  //   D             A', B', C' are cleared, the hand is at the end and begins again: A goes.  |B C
  //                 D enters at the new end                                                   |B C D
  //   B             visited                                                                   |B'C D
  //   E             B' is cleared, C goes                                                     B |D E
  //   F             D goes                                                                    B |E F
  //   B             visited                                                                   B'|E F
  //   G             E goes                                                                    B'|F G
  expect(victimsOf(sieveEviction, { room: 3 }, "A B C A B C D B E F B G")).toBe("D:A E:C F:D G:E");
});

test("sieve: if the newest object goes, the hand is at the oldest one at once, before a newer one enters", () => {
  // A B C, A and B visited: D clears both and evicts C, the newest. The next hand is A, although D
  // entered behind C: A goes for E, not D.
  expect(victimsOf(sieveEviction, { room: 3 }, "A B C A B D E")).toBe("D:C E:A");
});

test("sieve passes over a busy container and leaves it visited", () => {
  const cache = new EvictCache(sieveEviction, { room: 3 });
  cache.serve("A B C A");
  cache.view.beginRun(0);
  cache.policy.onStart!(cache.view, 0, "warm", 0);
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 1 });
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 1 }); // it did not go yet
});

test("sieve with only busy containers has no victim", () => {
  const cache = new EvictCache(sieveEviction, { room: 1 });
  cache.serve("A");
  cache.view.beginRun(0);
  expect(cache.policy.victim(cache.view, 1)).toBeNull();
});

test("a Zygote that was not used for longer than the container at sieve's hand goes first", () => {
  const cache = new EvictCache(sieveEviction, { room: 3 });
  cache.view.addZygote([0], { lastUsedUs: 0 });
  cache.serve("A B");
  expect(cache.policy.victim(cache.view, 1)).toEqual({ tier: "import", zygote: 0 });
  cache.view.zygoteSlots[0].lastUsedUs = 5;
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ tier: "handler" });
});

test("s3-fifo: one hit does not keep an object of the small queue, two do, and a ghost enters the main queue", () => {
  // Room for 10, small from 1. S and M from the oldest to the newest, G the ghosts.
  //   A..J, A A, B    S A2 B1 C D E F G H I J
  //   K               A has 2 hits: to M. B has 1: it goes.   S C..K    M A0         G B
  //   L               C goes                                  S D..L    M A0         G B C
  //   B               B is a ghost; D goes, B enters M        S E..L    M A0 B0      G C D
  //   M               E goes                                  S F..M    M A0 B0      G C D E
  expect(victimsOf(s3FifoEviction, { room: 10 }, "A B C D E F G H I J A A B K L B M")).toBe(
    "K:B L:C B:D M:E",
  );
});

test("s3-fifo: below its share the small queue gives no victim, and the main queue spares one use at a time", () => {
  // Room for 4, small from 4 x 0.5 = 2. A and B have 2 hits.
  //   C D            S A2 B2 C0 D0
  //   E              A and B to M, C goes                S D E        M A0 B0     G C
  //   A              hit                                 S D E        M A1 B0
  //   C              ghost: S has 2 >= 2, so D goes      S E          M A1 B0 C0  G D
  //   F              S has 1 < 2: A1 is spared once, B goes     S E F  M C0 A0
  //   G              S has 2: E goes                     S F G        M C0 A0
  const settings = "small=0.5";
  expect(victimsOf(s3FifoEviction, { room: 4, settings }, "A A A B B B C D E A C F G")).toBe(
    "E:C C:D F:B G:E",
  );
});

test("s3-fifo: a container larger than the small queue enters the main queue", () => {
  // Room for 10, small from 1: X of 5 enters M. S has A B C D E of 1 each, and F evicts A, not X.
  const bytes = { X: 5 };
  expect(victimsOf(s3FifoEviction, { room: 10, bytes }, "X A B C D E F")).toBe("F:A");
});

test("s3-fifo remembers as many bytes of ghosts as `ghost` allows, and forgets the oldest first", () => {
  // Room for 2, small from 2 x 0.5 = 1, ghosts of 1: A is forgotten when B becomes a ghost.
  //   C   A goes   S B C   G A        D   B goes   S C D   G B
  //   A   C goes   S D A   G C        E   D goes   S A E   G D
  //   F   A goes. If A had been a ghost still, it would be in M, and E would go.
  const settings = "small=0.5,ghost=0.5";
  expect(victimsOf(s3FifoEviction, { room: 2, settings }, "A B C D A E F")).toBe(
    "C:A D:B A:C E:D F:A",
  );
  expect(
    victimsOf(s3FifoEviction, { room: 2, settings: "small=0.5,ghost=1" }, "A B C D A E F"),
  ).toBe("C:A D:B A:C E:D F:E");
});

test("s3-fifo finds a victim if all that is idle is below the share of the small queue, and was used twice", () => {
  // Room for 3, small from 3: A and B have 2 bytes in S, M is empty. Both move to M, and A goes.
  const cacheCase = { room: 3, settings: "small=1", bytes: { C: 2 } };
  expect(victimsOf(s3FifoEviction, cacheCase, "A A A B B B C")).toBe("C:A");
});
