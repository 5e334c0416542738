import { expect, test } from "vitest";
import { examineForks, type ProcessView } from "../../../src/real/guests/forkability.js";

const READ_ONLY = "pos:\t0\nflags:\t0100000\n";

/** A process with these descriptors; an Error is what the kernel answers about one. */
function processWith(links: Readonly<Record<number, string | Error>>): ProcessView {
  return {
    descriptors: () => Object.keys(links).map(Number),
    linkOf: (number) => {
      const link = links[number];
      if (link instanceof Error) throw link;
      return link;
    },
    infoOf: () => READ_ONLY,
    maps: () => "",
  };
}

const failure = (code: string) => Object.assign(new Error(code), { code });

test("a descriptor that is closed while it is examined does not hide a socket after it", () => {
  const seen = examineForks(processWith({ 4: failure("ENOENT"), 5: "socket:[1]" }));
  expect(seen).toEqual({ files: [], obstacle: "has a socket open" });
});

test("a descriptor that is closed while it is examined is not opened again in children", () => {
  const seen = examineForks(processWith({ 4: "/a", 5: failure("ENOENT"), 6: "/b" }));
  expect(seen).toEqual({ files: [4, 6], obstacle: undefined });
});

test("a process that is gone has no obstacle, since its end is reported", () => {
  const gone = {
    ...processWith({}),
    maps: () => {
      throw failure("ESRCH");
    },
  };
  expect(examineForks(gone)).toEqual({ files: [], obstacle: undefined });
});

test("a process that may not be examined is not forked", () => {
  const seen = examineForks(processWith({ 4: failure("EACCES") }));
  expect(seen).toEqual({ files: [], obstacle: "cannot be examined (EACCES)" });
});
