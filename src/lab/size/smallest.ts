/**
 * The smallest index from 0 to `count` - 1 for which the answer is yes, if a yes is followed only by
 * yes; `count` if there is none. Asks about as often as `count` has binary digits.
 */
export async function smallest(
  count: number,
  isYes: (index: number) => Promise<boolean>,
): Promise<number> {
  let low = 0;
  let high = count;
  while (low < high) {
    // the largest first: if it is a no, nothing else need be asked
    const middle = high === count ? count - 1 : (low + high) >> 1;
    if (await isYes(middle)) high = middle;
    else if (high === count) return count;
    else low = middle + 1;
  }
  return low;
}
