/**
 * How many times slower than usual this machine is, such as a guest that is emulated: what waits for a
 * machine waits so many times longer.
 */
const { SOCKLAB_TEST_SLOWNESS = "1" } = process.env;
export const SLOWNESS: number = Number(SOCKLAB_TEST_SLOWNESS);

/** How long a command in its own process may take until it has begun its work. */
export const START_TIMEOUT_MS: number = 60_000 * SLOWNESS;
