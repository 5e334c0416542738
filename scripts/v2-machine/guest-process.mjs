// The program that is the guest: waits for its end, or ends it, and reads what its job came to.
import { existsSync, readFileSync } from "node:fs";

/** Ends the guest after so many minutes, or when this command is ended. `status` is where the guest's
 * second serial port leads; returns the job's exit status in it, 1 where the guest came to no end. */
export async function waitForGuest(guest, minutes, status) {
  const stop = (why) => {
    process.stderr.write(`the guest is ended: ${why}\n`);
    guest.kill("SIGKILL");
  };
  const timer = setTimeout(stop, Number(minutes) * 60_000, `${minutes} minutes are over`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
  await new Promise((resolve) => guest.on("close", resolve));
  clearTimeout(timer);
  const told = existsSync(status) ? readFileSync(status, "utf8").trim() : "";
  return /^\d+$/.test(told) ? Number(told) : 1;
}
