import { findFindings, refuseMissing } from "../lab/run/require-real.js";
import type { Finding } from "../real/doctor/doctor.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { type Given, ifGiven, readText } from "./options/read-option.js";

interface DoctorArguments {
  readonly python: Given | undefined;
  readonly json: boolean;
}

/** `socklab doctor`. */
export function doctorCommand(io: CliIo): CommandBody<DoctorArguments> {
  return {
    builder: (yargs) =>
      yargs
        .option("python", {
          type: "string",
          requiresArg: true,
          describe:
            "Python of the functions (path or name; default: Debian's, else the one on PATH)",
        })
        .option("json", {
          type: "boolean",
          default: false,
          describe: "Print the findings as JSON",
        }),
    handler: (args) => doctor(args, io),
  };
}

async function doctor(args: DoctorArguments, io: CliIo): Promise<void> {
  const python = ifGiven(args.python, (given) => readText(given, "--python"));
  const findings = await findFindings(python);
  io.out.write(args.json ? `${JSON.stringify(findings)}\n` : renderFindings(findings));
  refuseMissing(findings);
}

const STATES = { ok: "ok", lacking: "lacks", required: "NEEDS" } as const;

/**
 * One line per finding. Below a missing part, two more lines say what that costs and how to get it.
 */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ part }) => part.length));
  return findings
    .map(({ part, found, state, cost, remedy }) => {
      const line = `${STATES[state].padEnd(5)}  ${part.padEnd(width)}  ${found}\n`;
      if (state === "ok") return line;
      const indent = " ".repeat(width + 9);
      return `${line}${indent}costs: ${cost}\n${indent}get it: ${remedy}\n`;
    })
    .join("");
}
