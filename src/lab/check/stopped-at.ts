import { Session } from "node:inspector";
import type { CodePlaces } from "../../policies/own-spec.js";
import { MODULE_NAME } from "../policy/import-module.js";

/** Where a thread is in a policy's code. */
export interface Stop {
  /** `file:line` of the innermost call that is the policy's. */
  readonly place: string;
  /** Name of the outermost function that is the policy's; empty: the module itself. */
  readonly method: string;
}

interface Frame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

/**
 * Interrupts this process's only other thread that computes, and finds where it is. Undefined: it
 * is not in a policy's code; then it goes on.
 */
export function stoppedAt(places: CodePlaces): Promise<Stop | undefined> {
  const session = new Session();
  session.connect();
  const names = new Map<string, string>();
  return new Promise((resolve) => {
    session.on("NodeWorker.attachedToWorker", ({ params: { sessionId } }) => {
      const send = (id: number, method: string) =>
        session.post("NodeWorker.sendMessageToWorker", {
          sessionId,
          message: JSON.stringify({ id, method }),
        });
      session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
        const { method, params: told } = JSON.parse(params.message) as Notification;
        if (method === "Debugger.scriptParsed" && told.url.startsWith(MODULE_NAME))
          names.set(told.scriptId, told.url);
        if (method !== "Debugger.paused") return;
        send(3, "Debugger.resume");
        resolve(stopIn(told.callFrames, names, places));
      });
      send(1, "Debugger.enable");
      send(2, "Debugger.pause");
    });
    session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  }).finally(() => session.disconnect()) as Promise<Stop | undefined>;
}

/** What the other thread's debugger reports. */
interface Notification {
  readonly method?: string;
  readonly params: {
    readonly url: string;
    readonly scriptId: string;
    readonly callFrames: readonly Frame[];
  };
}

function stopIn(
  frames: readonly Frame[],
  names: ReadonlyMap<string, string>,
  places: CodePlaces,
): Stop | undefined {
  const own = frames.flatMap(({ functionName, location }) => {
    const name = names.get(location.scriptId);
    if (name === undefined) return [];
    // the form of a line in a stack, whose lines and columns count from 1
    const error = new Error();
    error.stack = `at (${name}:${location.lineNumber + 1}:${location.columnNumber + 1})`;
    const place = places.ofError(error);
    return place === undefined ? [] : [{ place, method: functionName }];
  });
  return own.length === 0 ? undefined : { place: own[0].place, method: own.at(-1)!.method };
}
