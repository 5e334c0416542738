import { parseEnv } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { InputError } from "../basics/errors.js";
import type { ReadFile } from "./requirements.js";

const SETTINGS_FILE = "ol.yaml";
const VARIABLES_FILE = ".env";
const ANY_METHOD = "*";

/** What a function's containers are given besides its code; native/guest/guest.py reads the same keys. */
export interface HandlerSettings {
  /** Variables that are set before the handler is loaded. */
  readonly env: Readonly<Record<string, string>>;
  /** The file with the handler, below the function's folder; absent: `f.py`. */
  readonly entry?: string;
  /** The name of a WSGI, or else of an ASGI application in that file. */
  readonly wsgi?: string;
  readonly asgi?: string;
}

/** What an upload's `ol.yaml` and `.env` say. */
export interface FunctionSettings {
  /** undefined: containers get none. */
  readonly handler: HandlerSettings | undefined;
  /** Methods of HTTP that the function takes; undefined: all. */
  readonly methods: readonly string[] | undefined;
  /** Settings that have no effect, with the reason. */
  readonly notes: readonly string[];
}

const list = z.array(z.unknown()).nullish();
const shape = z.looseObject({
  triggers: z
    .looseObject({
      http: z.array(z.looseObject({ method: z.string().min(1) })).nullish(),
      cron: list,
      kafka: list,
    })
    .nullish(),
  environment: z.record(z.string().regex(/^[^=\0]+$/), z.string()).nullish(),
  "reuse-sandbox": z.enum(["true", "false"]).nullish(),
});

/**
 * Reads OpenLambda's settings as OpenLambda does: variables of `ol.yaml` and then those of `.env`
 * that it does not have; `OL_ENTRY_FILE`, `OL_WSGI_ENTRY` and `OL_ASGI_ENTRY` among them; the
 * methods of HTTP. Source: open-lambda go/common/lambdaConfig.go and
 * min-image/runtimes/python/server_common.py at a288ce1e.
 *
 * Errors: InputError with `where` if a setting is at fault.
 */
export function readSettings(where: string, readFile: ReadFile): FunctionSettings {
  const { triggers, environment, "reuse-sandbox": reuse } = readYaml(where, readFile);
  const env = { ...variablesOf(readFile), ...environment };
  const methods = triggers?.http?.map(({ method }) => method);
  const notes: string[] = [];
  for (const kind of ["cron", "kafka"] as const) {
    if (triggers?.[kind]?.length) notes.push(without(`triggers.${kind}`, "only HTTP invokes"));
  }
  if (reuse === "false") notes.push(without("reuse-sandbox", "the policy decides what is kept"));
  return {
    handler: Object.keys(env).length === 0 ? undefined : handlerOf(where, env),
    methods: methods?.includes(ANY_METHOD) ? undefined : methods,
    notes,
  };
}

function readYaml(where: string, readFile: ReadFile): z.infer<typeof shape> {
  const text = readFile(SETTINGS_FILE);
  if (text === undefined) return {};
  let value: unknown;
  try {
    // all scalars are texts: `PORT: 8080` and `DEBUG: true` are variables as they are written
    value = parse(text, { schema: "failsafe" });
  } catch (error) {
    throw new InputError(`${where}: ${SETTINGS_FILE}: ${(error as Error).message.split("\n")[0]}`);
  }
  const { data, error } = shape.safeParse(value === "" ? {} : (value ?? {}));
  if (data !== undefined) return data;
  const [{ path, message }] = error.issues;
  throw new InputError(`${where}: ${SETTINGS_FILE}: ${path.join(".") || "it"}: ${message}`);
}

function variablesOf(readFile: ReadFile): Record<string, string> {
  return { ...parseEnv(readFile(VARIABLES_FILE) ?? "") } as Record<string, string>;
}

function handlerOf(where: string, env: Readonly<Record<string, string>>): HandlerSettings {
  const { OL_ENTRY_FILE: entry, OL_WSGI_ENTRY: wsgi, OL_ASGI_ENTRY: asgi } = env;
  if (entry !== undefined && !/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.py$/.test(entry)) {
    throw new InputError(`${where}: OL_ENTRY_FILE is "${entry}", expected a file such as app.py`);
  }
  return {
    env,
    ...(entry !== undefined && { entry }),
    ...(wsgi ? { wsgi } : asgi && { asgi }),
  };
}

function without(setting: string, reason: string): string {
  return `${SETTINGS_FILE}: ${setting} has no effect: ${reason}`;
}
