/** This machine cannot boot a guest: one line that says what is missing and how to get it. */
export class Lack extends Error {}
