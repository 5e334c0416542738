import type { RandomStream } from "../../basics/random.js";

const ONSETS = [
  "b",
  "br",
  "d",
  "dr",
  "f",
  "g",
  "gl",
  "k",
  "kr",
  "l",
  "m",
  "n",
  "p",
  "pl",
  "r",
  "s",
  "t",
  "tr",
  "v",
  "z",
];
const VOWELS = ["a", "e", "i", "o", "u"];
const CODAS = ["", "", "l", "n", "r", "s", "x"];
const SYLLABLES = 4;

/**
 * Distinct names of four invented syllables, such as `brovulanter`. No real package should have
 * them.
 */
export function drawPackageNames(random: RandomStream, count: number): string[] {
  const names = new Set<string>();
  const pick = (parts: readonly string[]): string =>
    parts[Math.floor(random.next() * parts.length)];
  while (names.size < count) {
    let name = "";
    for (let at = 0; at < SYLLABLES; at++) name += pick(ONSETS) + pick(VOWELS);
    names.add(`${name}${pick(CODAS)}`);
  }
  return [...names];
}
