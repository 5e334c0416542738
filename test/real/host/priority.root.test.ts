import { constants, getPriority } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { USUAL_PRIORITY } from "../../../src/real/host/priority.js";
import { describeReal, stand } from "../stand.js";

const NOTHING = new Int32Array(0);

describeReal("priority", () => {
  test("Node's main thread has priority over guests while a backend lives; guests have Node's former priority", async () => {
    const { backend, statusOf, close } = stand(["def f(event):\n    return event\n"]);
    let isOpen = true;
    onTestFinished(() => (isOpen ? close() : undefined));
    expect(getPriority()).toBe(Math.min(USUAL_PRIORITY, constants.priority.PRIORITY_HIGH));
    expect(await statusOf(() => backend.createZygote(0, NONE, NOTHING))).toBe("ok");
    expect(await statusOf(() => backend.createContainer(0, 0, 0, NOTHING))).toBe("ok");
    expect(await statusOf(() => backend.createContainer(1, 0, NONE, NOTHING))).toBe("ok");
    const guests = [backend.zygoteOf(0).pid, backend.processOf(0), backend.processOf(1)];
    expect(guests.map((pid) => getPriority(pid))).toEqual(Array(3).fill(USUAL_PRIORITY));
    isOpen = false;
    await close();
    expect(getPriority()).toBe(USUAL_PRIORITY);
  });
});
