import { z } from "zod";

export const text = (description: string) => z.string().meta({ unit: "text", description });
export const count = (description: string) =>
  z.int().nonnegative().meta({ unit: "count", description });
export const us = (description: string) =>
  z.number().nonnegative().meta({ unit: "microseconds", description });
export const bytes = (description: string) =>
  z.number().nonnegative().meta({ unit: "bytes", description });
export const byteSeconds = (description: string) =>
  z.number().nonnegative().meta({ unit: "byte-seconds", description });
export const ratio = (description: string) =>
  z.number().min(0).max(1).meta({ unit: "ratio", description });
export const number = (unit: string, description: string) =>
  z.number().nonnegative().meta({ unit, description });
/** null stands for "no limit": JSON has no Infinity. */
export const limit = (unit: string, description: string) =>
  z
    .number()
    .nonnegative()
    .nullable()
    .meta({ unit, description: `${description}; null: unlimited.`, nullMeans: "unlimited" });
/** null stands for "there is nothing to divide by". */
export const ratioOrNull = (description: string) =>
  z.number().min(0).max(1).nullable().meta({ unit: "ratio", description });

/** The ratio as a result contains it; null: there is nothing to divide by. */
export function ratioOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
