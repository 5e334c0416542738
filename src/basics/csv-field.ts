/** A text as a field of CSV (RFC 4180): in quotes only if it contains a quote, comma or line break. */
export function csvField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
