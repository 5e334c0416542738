/** Longest time that a computation may block Node's event loop, so Ctrl-C is answered within it. */
const BREATH_MS = 100;

/**
 * Makes a function to call often: it yields to the event loop if the loop has been blocked for
 * BREATH_MS.
 */
export function makeYield(): () => Promise<void> | undefined {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < BREATH_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        sinceMs = performance.now();
        resolve();
      });
    });
  };
}
