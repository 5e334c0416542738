import { z } from "zod";
import { machineSchema } from "./run-schema.js";

/** Name of the shape below; a change of meaning changes the number. */
export const STUDY_SCHEMA = "socklab.study/1";

const text = (description: string) => z.string().meta({ unit: "text", description });

const studyRunSchema = z
  .object({
    hash: text("Name of the run's result file, without its extension."),
    state: z.enum(["done", "missing", "failed"]).meta({
      unit: "text",
      description: "done: its result file is complete; missing: it has not been performed yet.",
    }),
    why: z.string().optional().meta({ unit: "text", description: "Why the run failed." }),
  })
  .catchall(text("Its value on an axis of the grid that has more than one value."));

/** The file that a sweep writes next to its results: its grid, and how far it got. */
export const studySchema = z.object({
  schema: z
    .literal(STUDY_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  trace: text("Path of the trace."),
  grid: z.record(z.string(), z.array(z.string()).readonly()).meta({
    unit: "as on the command line",
    description: "Values of each option, as they were written.",
  }),
  version: text("Version of socklab that swept."),
  commit: text("Commit of socklab that swept, or unknown."),
  machine: machineSchema.meta({ description: "The machine on which socklab itself ran." }),
  runs: z.array(studyRunSchema).meta({ description: "One row per run of the grid." }),
});

export type StudyRecord = z.infer<typeof studySchema>;
