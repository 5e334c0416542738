import { mean, rank } from "d3-array";

/** Spearman's rank correlation of pairs; 0 if one side is constant. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [averageRanks(a), averageRanks(b)];
  const [meanX, meanY] = [mean(x)!, mean(y)!];
  let products = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (let at = 0; at < x.length; at++) {
    products += (x[at] - meanX) * (y[at] - meanY);
    squaresX += (x[at] - meanX) ** 2;
    squaresY += (y[at] - meanY) ** 2;
  }
  return squaresX === 0 || squaresY === 0 ? 0 : products / Math.sqrt(squaresX * squaresY);
}

/** Mean correlation between all pairs of series that were measured together. */
export function meanCorrelation(series: readonly (readonly number[])[]): number {
  const pairs = series.flatMap((a, at) => series.slice(at + 1).map((b) => rankCorrelation(a, b)));
  return mean(pairs) ?? 0;
}

/** Mean correlation of the values in each series with the values before them. */
export function meanAutocorrelation(series: readonly (readonly number[])[]): number {
  return mean(series, (values) => rankCorrelation(values.slice(1), values.slice(0, -1))) ?? 0;
}

/** Ranks from 0. Equal values share the mean of their ranks. */
function averageRanks(values: readonly number[]): number[] {
  const least = rank(values as number[]);
  const ties = new Map<number, number>();
  for (const each of least) ties.set(each, (ties.get(each) ?? 0) + 1);
  return Array.from(least, (each) => each + (ties.get(each)! - 1) / 2);
}
