import { PHASES, type Phase } from "../../contract/backend.js";
import { OUTCOMES, START_KINDS } from "../../contract/observer.js";
import { columnName, type DataColumn } from "./column.js";

const column = (
  name: string,
  type: DataColumn["type"],
  unit: string,
  description: string,
): DataColumn => ({ name, type, unit, description });

const PHASE_TEXTS: Readonly<Record<Phase, string>> = {
  install: "Installation of packages that the start waited for.",
  create: "Creation of the container.",
  fork: "Fork from a Zygote.",
  import: "Packages that the new process imported.",
  load: "Start of the interpreter and load of the handler.",
  resume: "Resumption of a paused container.",
};

/**
 * The columns of a table with one row per invocation, in their order. The names `functionName`,
 * `invocationID`, `startTime`, `actualDuration`, `responseTime`, `connectionTimeout` and
 * `functionTimeout` are those of the output of InVitro's load generator (vhive-serverless/invitro,
 * pkg/metric/record.go), whose times are in microseconds too.
 */
export const INVOCATION_COLUMNS: readonly DataColumn[] = [
  column("functionName", "text", "text", "Name of the function in the trace."),
  column(
    "application",
    "integer",
    "integer",
    "Number of the function's application in the trace, from 0.",
  ),
  column("invocationID", "integer", "integer", "Number of the arrival, from 0."),
  column(
    "startTime",
    "integer",
    "microseconds",
    "When it arrived, from the run's start. InVitro counts from 1970.",
  ),
  column(
    "startKind",
    "text",
    "text",
    `How it started: ${START_KINDS.join(", ")}. Without a value: no container served it.`,
  ),
  column(
    "queueUs",
    "integer",
    "microseconds",
    "From the arrival until a container is chosen or begun; if that never happens, until the end.",
  ),
  column(
    "provisionUs",
    "integer",
    "microseconds",
    "From then until the handler is ready; 0: the container was ready. Its phases follow.",
  ),
  ...PHASES.map((phase) =>
    column(columnName([phase], "microseconds"), "integer", "microseconds", PHASE_TEXTS[phase]),
  ),
  column("actualDuration", "integer", "microseconds", "How long the handler ran."),
  column(
    "responseTime",
    "integer",
    "microseconds",
    "From the arrival to the end: queueUs + provisionUs + actualDuration.",
  ),
  column("outcome", "text", "text", `How it ended: ${OUTCOMES.join(", ")}.`),
  column(
    "connectionTimeout",
    "boolean",
    "true or false",
    "True: no container served it, as InVitro reports if it cannot connect.",
  ),
  column(
    "functionTimeout",
    "boolean",
    "true or false",
    "True: a container served it, and its run failed or timed out.",
  ),
];
