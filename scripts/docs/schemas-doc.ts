import { jsonSchemaText, OBJECT_NAMES } from "../../src/lab/json-schemas.js";
import type { Page } from "./page.js";

/** docs/reference/schemas/NAME.schema.json: the JSON Schema of each object that socklab writes. */
export function schemaPages(): readonly Page[] {
  return OBJECT_NAMES.map((name) => ({
    path: `reference/schemas/${name}.schema.json`,
    text: jsonSchemaText(name),
  }));
}
