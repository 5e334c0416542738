import type { z } from "zod";
import { InputError } from "../../basics/errors.js";

/**
 * `value`, checked against the shape. Errors: InputError with file, field (such as
 * `packages.3.diskBytes`) and what was expected there. It reports only the first problem, in one
 * line.
 */
export function checkShape<T extends z.ZodType>(
  path: string,
  shape: T,
  value: unknown,
): z.infer<T> {
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue.path.length === 0 ? "the file" : issue.path.join(".");
  throw new InputError(`${path}: ${field}: ${issue.message}`);
}
