/**
 * Thrown if this machine cannot boot a guest. The message is one line that says what is missing and
 * how to get it.
 */
export class Lack extends Error {}
