import { NONE } from "../../src/basics/none.js";
import { newInstanceId, stateLayout, takeState } from "../../src/real/state/instance.js";
import { stand } from "./stand.js";

const NOTHING = new Int32Array(0);
const layout = stateLayout(process.argv[2]);
const instance = newInstanceId();
takeState(layout, instance);
const { backend, driver } = stand(
  ["import time\ndef f(event): time.sleep(event['runUs'] / 1e6)"],
  [],
  {},
  layout.root,
  instance,
);

await driver.perform(() => backend.createZygote(0, NONE, NOTHING));
for (const id of [0, 1, 2]) {
  await driver.perform(() => backend.createContainer(id, 0, id === 0 ? NONE : 0, NOTHING));
}
await driver.perform(() => backend.pause(1));
backend.run(2, 0, 60_000_000, false);
const pids = [backend.zygoteOf(0).pid, ...[0, 1, 2].map((id) => backend.processOf(id))];
process.stdout.write(`${JSON.stringify(pids)}\n`);
