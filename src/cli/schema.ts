import { jsonSchemaText, OBJECT_NAMES, titleOf } from "../lab/json-schemas.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { readChoice } from "./options/read-option.js";

/** `socklab schema`. */
export function schemaCommand(io: CliIo): CommandBody<{ readonly name: string | undefined }> {
  return {
    builder: (yargs) =>
      yargs
        .positional("name", { type: "string", describe: `One of ${OBJECT_NAMES.join(", ")}` })
        .example("$0 schema run", "print the JSON Schema of a run's result"),
    handler: ({ name }) => {
      io.out.write(
        name === undefined
          ? OBJECT_NAMES.map((each) => `${each.padEnd(10)}${titleOf(each)}\n`).join("")
          : jsonSchemaText(readChoice(name, "schema", OBJECT_NAMES)),
      );
    },
  };
}
