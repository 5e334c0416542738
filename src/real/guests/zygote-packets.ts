import { z } from "zod";

const count = z.int().nonnegative();
const forkedShape = z.object({
  token: count,
  pid: z.int(),
  errno: count,
  /** A process that forked the child and has ended; 0: there was no helper. */
  helper: count,
});
export type Forked = z.infer<typeof forkedShape>;
const foundShape = z.object({
  /** Generators of random numbers, and fork hooks of packages. */
  generators: count,
  hooks: count,
});
export type FoundInZygote = z.infer<typeof foundShape>;
const packetShape = z.union([
  forkedShape,
  z.object({
    ready: z.literal(true),
    us: z.tuple([count, count, count, count]),
    /** Imports that failed, one line each. */
    notes: z.array(z.string()).default([]),
    found: foundShape.default({ generators: 0, hooks: 0 }),
  }),
  z.object({ failed: z.string() }),
]);

/**
 * A Zygote's message; undefined if the text is not one: the packages that it has imported may send
 * anything.
 */
export function parsePacket(text: string): z.infer<typeof packetShape> | undefined {
  try {
    return packetShape.parse(JSON.parse(text));
  } catch {
    return undefined; // the caller reports it
  }
}
