import { expect, test } from "vitest";
import { arcEviction } from "../../../src/policies/evict/arc.js";
import { twoQEviction } from "../../../src/policies/evict/two-q.js";
import { EvictCache, victimsOf } from "./cache.js";

test("2q: what comes again after it left A1in stays in Am; what left Am is forgotten", () => {
  // Room for 4, Kin 4 x 0.25 = 1, Kout 4 x 0.5 = 2. The queues from the oldest to the newest.
  //   A B C D   A1in A B C D
  //   E         4 > 1: A goes    A1in B C D E            A1out A
  //   A         B goes           A1in C D E     Am A     A1out B
  //   F         C goes           A1in D E F     Am A     A1out B C
  //   B         D goes           A1in E F       Am A B   A1out C D
  //   G         E goes           A1in F G       Am A B   A1out D E
  //   A         hit              A1in F G       Am B A
  //   H         F goes           A1in G H       Am B A   A1out E F
  //   F         G goes           A1in H         Am B A F A1out E G
  //   I         1 is not > 1: B goes from Am    A1in H I  Am A F
  //   B         forgotten: H goes, B enters A1in          A1in I B
  //   J K       I and B go
  expect(victimsOf(twoQEviction, { room: 4 }, "A B C D E A F B G A H F I B J K")).toBe(
    "E:A A:B F:C B:D G:E H:F F:G I:B B:H J:I K:B",
  );
});

test("2q: a hit in A1in changes nothing", () => {
  expect(victimsOf(twoQEviction, { room: 4 }, "A B C D A A A E")).toBe("E:A");
});

test("2q: with Kout = 0 nothing is remembered, and the policy is fifo", () => {
  expect(victimsOf(twoQEviction, { room: 3, settings: "out=0" }, "A B C D A E B")).toBe(
    "D:A A:B E:C B:D",
  );
});

test("arc: a hit in B1 raises the target of T1, one in B2 lowers it", () => {
  // Room for c = 2. Lists from the oldest to the newest.
  //   A B A   T1 B         T2 A
  //   C       T1 1 > p 0: B goes              T1 C  T2 A    B1 B
  //   B       B1 hit, p = 0 + max(1, 0/1) = 1. T1 1 > p 1 is false: A goes      T1 C  T2 B  B2 A
  //   A       B2 hit, p = 1 - max(1, 0/1) = 0. T1 1 > p 0: C goes               T2 B A  B1 C
  //   D       T1 is empty: B goes
  expect(victimsOf(arcEviction, { room: 2 }, "A B A C B A D")).toBe("C:B B:A A:C D:B");
});

test("arc: if T1 is exactly at its target, a page of B2 takes its place from T1, any other from T2", () => {
  // Room for c = 3.
  //   A B C A   T1 B C        T2 A
  //   D         T1 2 > p 0: B goes              T1 C D  T2 A    B1 B
  //   B         p = 1. T1 2 > 1: C goes         T1 D    T2 A B  B1 C
  //   C         p = 2. T1 1 > 2 is false: A     T1 D    T2 B C  B2 A
  //   A         p = 2 - 1 = 1 = T1, and A is of B2: D goes      T2 B C A  B1 D
  //   E         T1 is empty: B goes
  expect(victimsOf(arcEviction, { room: 3 }, "A B C A D B C A E")).toBe("D:B B:C C:A A:D E:B");
});

test("arc: T1 and B1 remember c together, so that a page that left a full T1 is forgotten", () => {
  // Room for c = 2. C: A goes, T1 B C is full, B1 is cut to 0. A is new again and enters T1, so it
  // goes for E; in T2 it would stay, and D would go.
  expect(victimsOf(arcEviction, { room: 2 }, "A B C A D E")).toBe("C:A A:B D:C E:A");
});

test("arc: the target moves by the size of the page, times the ratio of B2 and B1", () => {
  // Room for c = 8, A and B of 2 bytes, the others of 1.
  //   A B C D E F   T1 A B C D E F (8 bytes)
  //   A             hit: T1 B C D E F (6)   T2 A (2)
  //   G             T1 6 > 0: B goes        T1 C D E F G (5)  T2 A (2)   B1 B (2)
  //   B             p = 0 + 2 = 2. One byte is free, one more is needed: T1 5 > 2: C goes.
  //                                         T1 D E F G (4)    T2 A B (4)   B1 C (1)
  //   C             p = 2 + 1 = 3. T1 4 > 3: D goes    T1 E F G (3)  T2 A B C (5)  B1 D (1)
  //   H             T1 3 > 3 is false: A goes (2)      T1 E F G H (4)  T2 B C (3)
  const bytes = { A: 2, B: 2 };
  expect(victimsOf(arcEviction, { room: 8, bytes }, "A B C D E F A G B C H")).toBe(
    "G:B B:C C:D H:A",
  );
});

test("arc with a busy T1 takes the victim from T2", () => {
  const cache = new EvictCache(arcEviction, { room: 2 });
  cache.serve("A B A");
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 1 }); // B of T1
  cache.view.beginRun(1);
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 0 });
});

test("arc: a function whose container expired is no ghost", () => {
  // As the first case of arc, but B expires before C comes: the arrival of B is no ghost hit, p stays
  // 0, and B takes the place of C in T1.
  const cache = new EvictCache(arcEviction, { room: 2 });
  cache.serve("A B A");
  cache.expire("B");
  expect(cache.serve("C B")).toBe("B:C");
});
