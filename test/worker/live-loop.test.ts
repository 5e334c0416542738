import fc from "fast-check";
import { expect, test } from "vitest";
import type { Backend, Completion, Operation } from "../../src/contract/backend.js";
import { SILENT_OBSERVER } from "../../src/contract/observer.js";
import type { PolicyContext } from "../../src/contract/policy-context.js";
import { Engine } from "../../src/engine/engine.js";
import { fixedKeepAlive } from "../../src/policies/keep-alive/fixed.js";
import { Completions } from "../../src/real/completions.js";
import { type JournalHeader, JournalWriter } from "../../src/run/journal/journal-writer.js";
import { drive } from "../../src/run/loop.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import { Exchange } from "../../src/worker/exchange.js";
import type { InvocationResult } from "../../src/worker/worker.js";
import { makeFunction, PLAIN_POLICIES, ROUND_COSTS } from "../engine/harness.js";

/**
 * A backend for the worker's own parts (loop, exchange, completions, engine). The test plays
 * everything around them by hand: the clock, the timer, the turns of Node's loop, the ends of
 * operations, and requests.
 */
class HandPlayedBackend implements Backend {
  readonly name = "real";
  readonly completion: Completion;
  readonly outstanding: { readonly operation: Operation; readonly id: number }[] = [];
  readonly #completions: Completions;
  readonly #turns: (() => void)[] = [];
  #clockUs = 1_000;

  constructor() {
    const poller = { now: () => this.#clockUs, setTimer: () => {} };
    this.#completions = new Completions(poller, (act) => this.#turns.push(act));
    this.completion = this.#completions.current;
  }

  get nowUs(): number {
    return this.#completions.nowUs;
  }
  advance(untilUs: number) {
    return this.#completions.advance(untilUs);
  }
  interrupt(): void {
    this.#completions.interrupt();
  }
  close(): void {}

  tick(us: number): void {
    this.#clockUs += us;
  }
  /** Lets the timer run out, whichever wait it was set for. */
  ring(): void {
    this.#completions.wake();
  }
  /** Performs the next turn of Node's loop. */
  turn(): void {
    for (const act of this.#turns.splice(0)) act();
  }
  /** Ends the outstanding operation at this place. */
  complete(place: number): void {
    const [ended] = this.outstanding.splice(place % Math.max(1, this.outstanding.length), 1);
    if (ended !== undefined) this.#completions.end(ended.operation, ended.id, "ok");
  }

  install = (id: number) => this.#begin("install", id);
  uninstall = (id: number) => this.#begin("uninstall", id);
  createZygote = (id: number) => this.#begin("create-zygote", id);
  createContainer = (id: number) => this.#begin("create-container", id);
  run = (id: number) => this.#begin("run", id);
  pause = (id: number) => this.#begin("pause", id);
  destroyContainer = (id: number) => this.#begin("destroy-container", id);
  destroyZygote = (id: number) => this.#begin("destroy-zygote", id);

  #begin(operation: Operation, id: number): void {
    this.#completions.begin();
    this.outstanding.push({ operation, id });
  }
}

type Step =
  | { readonly what: "tick"; readonly us: number }
  | { readonly what: "request"; readonly functionId: number }
  | { readonly what: "complete"; readonly place: number }
  | { readonly what: "ring" | "turn" | "settle" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant("tick"), us: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("request"), functionId: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("complete"), place: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.constantFrom({ what: "ring" }, { what: "turn" }, { what: "settle" }) },
) as fc.Arbitrary<Step>;

/**
 * Timers that run out after some microseconds, so that each is due among arrivals and completions.
 */
const keeping = fc.record({
  keep: fc.constantFrom(0, 2, 5, Number.POSITIVE_INFINITY),
  pauseAfter: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
});

const NOTHING_ASKED = { line: "{}", body: new Uint8Array() };
const FUNCTIONS = [makeFunction({ name: "a" }), makeFunction({ name: "b" })];
const CONFIG = {
  memoryLimitBytes: Number.POSITIVE_INFINITY,
  diskLimitBytes: Number.POSITIVE_INFINITY,
  cores: 2,
  runsPerCore: Number.POSITIVE_INFINITY,
  creationsPerCore: Number.POSITIVE_INFINITY,
  creationsPerFunction: Number.POSITIVE_INFINITY,
  queueLimit: 1024,
  queueTimeoutUs: 7,
  footprint: footprintOf(ROUND_COSTS),
};
const CONTEXT = {} as PolicyContext;
const settle = async () => {
  for (let at = 0; at < 8; at++) await Promise.resolve();
};

test("in 100,000 interleavings of arrivals, wakes and completions within microseconds, time never goes back and each request has one outcome", async () => {
  await fc.assert(
    fc.asyncProperty(keeping, fc.array(step, { minLength: 8, maxLength: 24 }), play),
    { numRuns: 100_000 },
  );
});

/** Performs one thing after another, as on an idle machine. */
async function goOn(backend: HandPlayedBackend): Promise<void> {
  backend.complete(0);
  backend.turn();
  backend.ring();
  await settle();
}

async function play(
  parameters: { readonly keep: number; readonly pauseAfter: number },
  steps: readonly Step[],
): Promise<void> {
  const backend = new HandPlayedBackend();
  const exchange = new Exchange();
  const times: number[] = [];
  const write = (line: string) => {
    if (/^\d/.test(line)) times.push(Number.parseInt(line, 10));
  };
  const journal = new JournalWriter({ header: {} as JournalHeader, write }, backend);
  const engine = new Engine({
    config: CONFIG,
    functions: FUNCTIONS,
    packages: [],
    policies: {
      ...PLAIN_POLICIES,
      "keep-alive": fixedKeepAlive.create({ ...parameters, reset: true }, CONTEXT),
    },
    operations: journal,
    observer: { ...SILENT_OBSERVER, ended: (_atUs, record) => exchange.ended(record) },
  });
  const outcomes: InvocationResult["outcome"][][] = [];
  engine.start();
  const running = drive({ engine, backend, arrivals: exchange, endUs: 0, journal });
  const request = (functionId: number) => {
    const own: InvocationResult["outcome"][] = [];
    outcomes.push(own);
    void exchange
      .request(backend.nowUs, functionId, NOTHING_ASKED)
      .then((end) => own.push(end.outcome));
    backend.interrupt();
  };
  // Both functions run once first, so that timers are set and there are idle containers.
  for (const functionId of FUNCTIONS.keys()) request(functionId);
  for (let round = 0; round < 6; round++) await goOn(backend);
  for (const each of steps) {
    if (each.what === "tick") backend.tick(each.us);
    else if (each.what === "complete") backend.complete(each.place);
    else if (each.what === "settle") await settle();
    else if (each.what === "request") request(each.functionId);
    else backend[each.what]();
  }
  exchange.close("the test is over");
  backend.interrupt();
  let hasEnded = false;
  void running.then(
    () => {
      hasEnded = true;
    },
    () => {},
  );
  for (let round = 0; round < 200 && !hasEnded; round++) {
    backend.tick(1);
    await goOn(backend);
  }
  if (!hasEnded) await Promise.race([running, Promise.reject(new Error("the loop never ended"))]);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(outcomes.map((each) => each.length)).toEqual(outcomes.map(() => 1));
}
