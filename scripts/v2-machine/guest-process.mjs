// The process that runs the guest: waits for its end, or ends it, and reads the exit status of its
// job.
import { existsSync, readFileSync } from "node:fs";

/**
 * Waits for the guest, and ends it after `minutes` or when this command is ended. `status` is the
 * file to which the guest's second serial port writes. Returns the job's exit status from it, or 1
 * if the job did not end.
 */
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
