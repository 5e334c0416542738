import { InputError } from "../../basics/errors.js";

/**
 * Returns the elements whose names are in `only`, or all elements if `only` is empty. Errors:
 * InputError for an unknown name.
 */
export function choose<T extends { readonly name: string }>(
  all: readonly T[],
  only: readonly string[],
): readonly T[] {
  const unknown = only.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name).join(", ");
    throw new InputError(`--only: "${unknown}" is not one of ${names}`);
  }
  return only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
}
