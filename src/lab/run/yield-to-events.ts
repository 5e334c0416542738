/** How long a computation may keep Node's event loop to itself: Ctrl-C is answered within it. */
const BREATH_MS = 100;

/** A function that, called often, gives the event loop a turn whenever it has gone without for 100 ms. */
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
