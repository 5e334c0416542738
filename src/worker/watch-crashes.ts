/**
 * Watches for errors that no code catches, so that a process with containers can remove these
 * before it ends. `crashed` rejects with the first such error. Later errors follow from the first
 * one and are ignored.
 */
export function watchCrashes(): { readonly crashed: Promise<never>; unwatch(): void } {
  let crash: (reason: unknown) => void = () => {};
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  crashed.catch(() => {}); // no code may be waiting for it any more
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  const unwatch = () => {
    process.off("uncaughtException", crash);
    process.off("unhandledRejection", crash);
  };
  return { crashed, unwatch };
}
