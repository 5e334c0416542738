const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

/**
 * The time that is left, for a progress bar: `5s`, `4m00s`, `1h05m`; `?` until enough is done to
 * know it. `seconds` is what cli-progress estimates: a number, or a word if it knows none.
 */
export function formatTimeLeft(seconds: number | string): string {
  const whole = Math.round(Number(seconds));
  if (!Number.isFinite(whole)) return "?";
  if (whole < SECONDS_PER_MINUTE) return `${whole}s`;
  const minutes = Math.floor(whole / SECONDS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return `${minutes}m${twoDigits(whole % SECONDS_PER_MINUTE)}s`;
  return `${Math.floor(minutes / MINUTES_PER_HOUR)}h${twoDigits(minutes % MINUTES_PER_HOUR)}m`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
