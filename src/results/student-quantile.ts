import { assert } from "../basics/errors.js";

const HALVINGS = 200;

/**
 * The value that Student's t with `degrees` (a whole number of degrees of freedom) does not exceed
 * with `probability`, in (0, 1); its relative error is about 1e-12.
 *
 * For whole degrees the distribution is a finite sum (Abramowitz and Stegun, Handbook of
 * Mathematical Functions, 26.7.3 and 26.7.4); it is inverted by bisection.
 */
export function studentQuantile(probability: number, degrees: number): number {
  assert(probability > 0 && probability < 1, `probability ${probability}`);
  assert(Number.isInteger(degrees) && degrees >= 1, `${degrees} degrees of freedom`);
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees);
  const central = 2 * probability - 1;
  let low = 0;
  let high = 1;
  while (probabilityWithin(high, degrees) < central) high *= 2;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (probabilityWithin(middle, degrees) < central) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability that |t| is at most `t`: the handbook's A(t | degrees). */
function probabilityWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosineSquared = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = 0;
  for (let k = isOdd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= ((k - 1) / k) * cosineSquared;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
