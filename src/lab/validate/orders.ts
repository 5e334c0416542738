/**
 * Kendall's tau-b of two lists of values for the same items (Kendall, The treatment of ties in
 * ranking problems, 1945): 1 if both lists order all pairs alike, -1 if they order all pairs in
 * opposite ways. null: all values of one list are equal, so it has no order to compare.
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | null {
  let concordance = 0;
  let orderedByA = 0;
  let orderedByB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const inA = Math.sign(a[i] - a[j]);
      const inB = Math.sign(b[i] - b[j]);
      concordance += inA * inB;
      orderedByA += Math.abs(inA);
      orderedByB += Math.abs(inB);
    }
  }
  const pairs = Math.sqrt(orderedByA * orderedByB);
  return pairs === 0 ? null : concordance / pairs;
}

/** How far two sequences of names agree. */
export interface SequenceAgreement {
  /**
   * Length of their longest common subsequence divided by the length of the longer one; 1 if both
   * are empty.
   */
  readonly commonShare: number;
  /**
   * Kendall's tau over the order of the names that both contain; null: fewer than two are common.
   */
  readonly tau: number | null;
}

/**
 * Compares two sequences in which names may repeat. The k-th occurrence of a name in one matches
 * the k-th in the other.
 */
export function compareSequences(a: readonly string[], b: readonly string[]): SequenceAgreement {
  const longer = Math.max(a.length, b.length);
  const placeInB = new Map(numbered(b).map((each, place) => [each, place]));
  const common = numbered(a).flatMap((each) => placeInB.get(each) ?? []);
  return {
    commonShare: longer === 0 ? 1 : longestCommon(a, b) / longer,
    tau: kendallTau(
      common.map((_, place) => place),
      common,
    ),
  };
}

/** Numbers the occurrences of each name: `x x y` becomes `x 0`, `x 1`, `y 0`. */
function numbered(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return `${name} ${count}`;
  });
}

/**
 * Length of the longest common subsequence, by the usual dynamic programming, which keeps only one
 * row of the table.
 */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let above = new Uint32Array(b.length + 1);
  for (const name of a) {
    const row = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) {
      row[j] = b[j - 1] === name ? above[j - 1] + 1 : Math.max(above[j], row[j - 1]);
    }
    above = row;
  }
  return above[b.length];
}
