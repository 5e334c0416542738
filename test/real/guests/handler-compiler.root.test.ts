import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BYTES_PER_MIB } from "../../../src/basics/units.js";
import { HandlerCompiler } from "../../../src/real/guests/handler-compiler.js";
import { newInstanceId } from "../../../src/real/state/instance.js";
import { guestsOfInstance } from "../../worker/guests.js";
import { describeReal, leftovers, stand } from "../stand.js";

const ONE = "def f(event): return 1\n";
/** CPython's parser keeps a node per term: many times the 40 MiB of this source. */
const HUGE = `x = [${"1,".repeat(20 * BYTES_PER_MIB)}]\n${ONE}`;
const MEMORY_BYTES = 128 * BYTES_PER_MIB;

/** A compiler on this machine; nothing of it is left when the test ends. */
function compilerStand() {
  const folder = mkdtempSync(join(tmpdir(), "socklab-compiler-"));
  const instance = newInstanceId();
  const containerLimits = { memoryBytes: MEMORY_BYTES, cores: 1, processes: 64 };
  const { backend, close } = stand([], [], { containerLimits }, folder, instance);
  const compiler = new HandlerCompiler(backend.sandboxes);
  onTestFinished(async () => {
    await compiler.close();
    await close();
    expect(leftovers(folder)).toEqual([]);
  });
  let uploads = 0;
  return {
    compiler,
    instance,
    /** Compiles a source; resolves with the machine's fault and whether there is a compiled form. */
    compile: async (source: string) => {
      const upload = join(folder, `upload${uploads++}`);
      mkdirSync(upload);
      writeFileSync(join(upload, "f.py"), source);
      const { fault } = await compiler.compile(upload, "fun");
      return [fault, existsSync(join(upload, "f.pyc"))];
    },
  };
}

describeReal("the compiler of uploads", () => {
  test("uploads at once are all compiled, and one that Python refuses names file and line", async () => {
    const { compile } = compilerStand();
    const good = [compile(ONE), compile(`${ONE}${ONE}`)];
    const bad = compile("def f(event):\n    return (\n");
    await expect(bad).rejects.toThrow(/^fun: f\.py:2: SyntaxError: /);
    expect(await Promise.all([...good, compile(ONE)])).toEqual([
      ["", true],
      ["", true],
      ["", true],
    ]);
  });

  test("each upload has its own process: none that has read one upload reads the next", async () => {
    const { compile, instance } = compilerStand();
    await compile(ONE);
    const seen = new Set<number>();
    for (let i = 0; i < 5; i++) {
      await expect.poll(() => guestsOfInstance(instance, /^c-/)).toHaveLength(1);
      const [waiting] = guestsOfInstance(instance, /^c-/);
      seen.add(waiting);
      await compile(ONE);
      await expect.poll(() => guestsOfInstance(instance, /^c-/)).not.toContain(waiting);
    }
    expect(seen.size).toBe(5);
  });

  test("a source that needs more memory than a container has costs only its own compiled form", async () => {
    const { compile } = compilerStand();
    const [fault, isCompiled] = await compile(HUGE);
    expect([String(fault), isCompiled]).toEqual([expect.stringContaining("memory"), false]);
    expect(await compile(ONE)).toEqual(["", true]);
  });

  test("after the death of its Zygote and of the child that waits, it compiles with new ones", async () => {
    const { compile, instance } = compilerStand();
    expect(await compile(ONE)).toEqual(["", true]);
    await expect.poll(() => guestsOfInstance(instance, /^c-/)).toHaveLength(1);
    for (const pid of guestsOfInstance(instance, /^[cz]-/)) process.kill(pid, "SIGKILL");
    await expect.poll(() => guestsOfInstance(instance, /^[cz]-/)).toEqual([]);
    expect(await compile(ONE)).toEqual(["", true]);
    expect(await compile(ONE)).toEqual(["", true]);
    expect(guestsOfInstance(instance, /^z-/)).toHaveLength(1);
  });

  test("closed, it compiles nothing, and leaves no process", async () => {
    const { compile, compiler, instance } = compilerStand();
    await compile(ONE);
    await compiler.close();
    expect(guestsOfInstance(instance, /^[cz]-/)).toEqual([]);
    expect(await compile(ONE)).toEqual(["the worker is stopping", false]);
  });
});
