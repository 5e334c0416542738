import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { TECHNIQUES, type Technique } from "../../../src/real/host/techniques.js";
import { describeReal, leftovers, stand } from "../stand.js";

const NOTHING = new Int32Array(0);
const HANDLER = `import gc, os
def f(event):
    return {"pid": os.getpid(), "frozen": gc.get_freeze_count()}
`;

interface Seen {
  readonly answer: { readonly pid: number; readonly frozen: number };
  readonly status: string;
}

/**
 * Performs one start from an empty Zygote without these techniques. Resolves with its answer and
 * its /proc status.
 */
async function startWithout(without: readonly Technique[]): Promise<Seen> {
  const here = stand([HANDLER], [], { disabledTechniques: without });
  const { backend, ran, folder } = here;
  const perform = async (begin: () => void) => {
    const { status } = await here.driver.perform(begin);
    expect(status, here.problems.join()).toBe("ok");
  };
  await perform(() => backend.createZygote(0, NONE, NOTHING));
  await perform(() => backend.createContainer(0, 0, 0, NOTHING));
  const status = readFileSync(`/proc/${backend.processOf(0)}/status`, "utf8");
  await perform(() => backend.run(0, 0, 0, false));
  const answer = ran.get(0)!.answer as Seen["answer"];
  await here.close();
  expect(leftovers(folder)).toEqual([]);
  return { answer, status };
}

describeReal("techniques that can be left out to measure them", () => {
  test("a complete start has its own process ids, a filter, and a frozen heap", async () => {
    const { answer, status } = await startWithout([]);
    expect(answer.pid).toBe(1);
    expect(answer.frozen).toBeGreaterThan(0);
    expect(status).toMatch(/^Seccomp:\t2$/m);
  });

  test("without seccomp nothing is filtered", async () => {
    expect((await startWithout(["seccomp"])).status).toMatch(/^Seccomp:\t0$/m);
  });

  test("without namespaces a container sees the machine's process ids", async () => {
    expect((await startWithout(["namespaces"])).answer.pid).toBeGreaterThan(1);
  });

  test("without a frozen heap the collector sees all of it", async () => {
    expect((await startWithout(["frozen-heap"])).answer.frozen).toBe(0);
  });

  test.each(TECHNIQUES)("without %s a start answers and leaves nothing behind", async (each) => {
    const { answer, status } = await startWithout([each]);
    expect(answer.pid).toBeGreaterThan(0);
    // even if a helper forked it, the container is a child of the worker
    expect(status).toMatch(new RegExp(`^PPid:\\t${process.pid}$`, "m"));
  });
});
