/**
 * Catches what nobody catches, so that a process that has containers can clear them away before it
 * ends. `crashed` rejects with the first such error; later ones follow from it and are ignored.
 */
export function watchCrashes(): { readonly crashed: Promise<never>; unwatch(): void } {
  let crash: (reason: unknown) => void = () => {};
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  crashed.catch(() => {}); // also if nobody waits for it any more
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  const unwatch = () => {
    process.off("uncaughtException", crash);
    process.off("unhandledRejection", crash);
  };
  return { crashed, unwatch };
}
