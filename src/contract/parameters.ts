/**
 * Meaning and range of a policy's parameter. `socklab policies` prints them, and input is checked
 * against the range.
 */
export type ParameterSpec = { readonly description: string } & (
  | {
      readonly kind: "number";
      readonly default: number;
      readonly unit: string;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: "duration"; readonly default: number }
  | { readonly kind: "bytes"; readonly default: number }
  | { readonly kind: "choice"; readonly default: string; readonly choices: readonly string[] }
  | { readonly kind: "boolean"; readonly default: boolean }
  | { readonly kind: "path"; readonly default: string }
);

/** Values by parameter name; durations in microseconds, sizes in bytes, `unlimited` as Infinity. */
export type ParameterValue = number | string | boolean;
export type Parameters = Readonly<Record<string, ParameterValue>>;
