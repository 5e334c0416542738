import { formatBytes } from "../basics/units.js";
import { CHECK_RUN, checkPolicy, type PolicyCheck } from "../lab/check/check-policy.js";
import type { CommandBody, Finish } from "./command.js";
import { CHECK_FAILED } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { type Given, readTexts } from "./options/read-option.js";

interface CheckArguments {
  readonly file: string;
  readonly set: Given | undefined;
}

/** `socklab check-policy`. */
export function checkPolicyCommand(io: CliIo, finish: Finish): CommandBody<CheckArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("file", {
          type: "string",
          demandOption: true,
          describe: "Policy file (path that ends in .js, .mjs, .cjs, .ts, .mts or .py)",
        })
        .option("set", {
          type: "string",
          requiresArg: true,
          describe: "Change to the other families, as in zygote=none; may be repeated",
        })
        .example("$0 check-policy mine.ts", "check a policy before it is run and published"),
    handler: async ({ file, set }) => {
      const check = await checkPolicy(file, readTexts(set));
      io.out.write(renderCheck(file, check));
      if (check.faults.length > 0) finish(CHECK_FAILED);
    },
  };
}

/** What was checked, one line per part; each fault; and the verdict. */
export function renderCheck(path: string, { types, run, unasked, faults }: PolicyCheck): string {
  const { trace, memoryBytes, diskBytes, cores } = CHECK_RUN;
  const machine = `${formatBytes(memoryBytes)}, disk ${formatBytes(diskBytes)}, ${cores} cores`;
  const asked = [...(run?.asked ?? [])].map(([name, count]) => `${name} ${count}`).join(", ");
  const rows: readonly (readonly [string, string])[] = [
    ["types", describeTypes(types)],
    ["runs", `twice: ${trace}, memory ${machine}`],
    ...(run === undefined ? [] : [["serves", run.serves.join(", ")] as const]),
    ...(asked === "" ? [] : [["asked", `${asked} times`] as const]),
    ...(unasked.length === 0
      ? []
      : [["not asked", `${unasked.join(", ")}: nothing is known of their answers`] as const]),
    ...(run === undefined ? [] : [["digest", run.digest] as const]),
  ];
  const found = faults.map((fault) => `fault: ${fault}\n`);
  const verdict =
    faults.length === 0 ? "no fault: each answer was followed, and both runs are equal\n" : "";
  return [
    `${path}\n`,
    ...rows.map(([name, text]) => `  ${name.padEnd(WIDTH)}${text}\n`),
    ...found,
    verdict,
  ].join("");
}

const WIDTH = 11;

function describeTypes(types: PolicyCheck["types"]): string {
  if (types === "not TypeScript") return types;
  if (types === undefined)
    return "not checked: TypeScript is not installed (npm install --save-dev typescript)";
  const { version, errors } = types;
  return `${errors.length === 0 ? "no error" : `${errors.length} errors`} (TypeScript ${version})`;
}
