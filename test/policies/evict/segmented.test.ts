import { expect, test } from "vitest";
import { lirsEviction } from "../../../src/policies/evict/lirs.js";
import { wTinyLfuEviction } from "../../../src/policies/evict/w-tinylfu.js";
import { EvictCache, victimsOf } from "./cache.js";

test("lirs: what comes once passes through the HIR set and leaves the LIR set alone", () => {
  // Room for 3, LIR 3 x (1 - 0.33) = 2.01: A and B are LIR, and one place is HIR.
  //   C        HIR, Q C      D   C goes, Q D      E   D goes      F   E goes
  expect(victimsOf(lirsEviction, { room: 3, settings: "hir=0.33" }, "A B C D E F")).toBe(
    "D:C E:D F:E",
  );
});

test("lirs: a HIR function that comes again while it is in the stack becomes LIR, and the bottom of the stack HIR", () => {
  // Room for 3, two LIR places. S from bottom to top, Q from front to end, (x) not resident.
  //   A B C   S A B C              Q C      LIR A B
  //   C       in S: LIR. A, the bottom, is HIR and leaves S     S B C    Q A     LIR B C
  //   D       A goes               S B C D  Q D
  //   A       not in S: HIR. D goes          S B C (D) A  Q A
  //   D       in S: A goes, D is LIR, B, the bottom, is HIR     S C (A) D   Q B    LIR C D
  //   B       hit, not in S: S C (A) D B, Q B
  //   B       hit, in S: LIR; C, the bottom, is HIR; (A) is pruned      S D B   Q C    LIR D B
  //   E       C goes
  const settings = "hir=0.33";
  expect(victimsOf(lirsEviction, { room: 3, settings }, "A B C C D A D B B E")).toBe(
    "D:A A:D D:A E:C",
  );
});

test("lirs: a hit on a LIR function moves it to the top, so another one is at the bottom", () => {
  // A B are LIR, C is HIR. A moves up: S B C A. C again: C is LIR, B is HIR and goes for D.
  expect(victimsOf(lirsEviction, { room: 3, settings: "hir=0.33" }, "A B C A C D")).toBe("D:B");
});

test("lirs takes a LIR container if no HIR one is idle", () => {
  const cache = new EvictCache(lirsEviction, { room: 3, settings: "hir=0.33" });
  cache.serve("A B C");
  cache.view.beginRun(2);
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 0 });
});

test("w-tinylfu: what leaves the window stays only if it arrived more often than the oldest of the main cache", () => {
  // Room for 4, a window of 1, 3 in the main cache. Counts of arrivals in brackets.
  //   A A B B C D     the window has A B C D until memory is short
  //   E               A, B, C move to the main cache, which is full then. D [1] against A [2]: D goes
  //                   window E, main A B C
  //   E               hit in the window [2]
  //   F               E [2] against A [2]: not more, E goes         window F
  //   F F             [3]
  //   G               F [3] against A [2]: A goes, F enters         window G, main B C F
  //   H               G [1] against B [2]: G goes
  const settings = "window=0.25";
  expect(victimsOf(wTinyLfuEviction, { room: 4, settings }, "A A B B C D E E F F F G H")).toBe(
    "E:D F:E G:A H:G",
  );
});

test("w-tinylfu: a hit in probation protects, and the oldest protected one gives way", () => {
  // Room for 4, a window of 1, protected 3 x 0.4 = 1.2: one place.
  //   A B C D E    A B C move to probation; D [1] against A [1]: D goes     window E
  //   A            protected A                               probation B C
  //   B            protected B; A returns to probation       probation C A
  //   F            E [1] against C [1]: E goes               window F
  //   F F          [3]
  //   G            F [3] against C [1]: C goes, not A        probation A F, protected B
  const settings = "window=0.25,protected=0.4";
  expect(victimsOf(wTinyLfuEviction, { room: 4, settings }, "A B C D E A B F F F G")).toBe(
    "E:D F:E G:C",
  );
});

test("w-tinylfu halves its counts after `sample` arrivals per container", () => {
  // Room for 2, a window of 1, one place in the main cache, sample=5. While A is the only container, a
  // sample is 5 arrivals: the fifth halves A [5] to [2], and the sample counts 5 / 2 = 2 already; the
  // eighth is its fifth and halves A [5] to [2] again. B [3] against A [2]: A goes.
  const calls = "AAAAAAAA BBB C";
  const cacheCase = { room: 2, settings: "window=0.5,sample=5" };
  expect(victimsOf(wTinyLfuEviction, cacheCase, calls)).toBe("C:A");
  // Without halving B [3] is less than A [8].
  const settings = "window=0.5,sample=1000";
  expect(victimsOf(wTinyLfuEviction, { room: 2, settings }, calls)).toBe("C:B");
});
