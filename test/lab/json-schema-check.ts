import { Ajv2020 } from "ajv/dist/2020.js";
import { jsonSchemaText, type ObjectName } from "../../src/lab/json-schemas.js";

/**
 * What an independent validator finds wrong with an object under its JSON Schema, one line per
 * problem. `unit` and `nullMeans` are words for the reader.
 */
export function problemsOf(name: ObjectName, object: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, validateFormats: false });
  ajv.addVocabulary(["unit", "nullMeans"]);
  const validate = ajv.compile(JSON.parse(jsonSchemaText(name)));
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
