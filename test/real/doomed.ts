import { NONE } from "../../src/basics/none.js";
import { newInstanceId, stateLayout, takeState } from "../../src/real/state/instance.js";
import { stand } from "./stand.js";

const NOTHING = new Int32Array(0);
const layout = stateLayout(process.argv[2]);
const instance = newInstanceId();
takeState(layout, instance);
const { backend } = stand(
  ["import time\ndef f(event): time.sleep(event['runUs'] / 1e6)"],
  [],
  {},
  layout.root,
  instance,
);

async function next(): Promise<void> {
  while ((await backend.advance(Number.POSITIVE_INFINITY)) !== "completion");
}

backend.createZygote(0, NONE, NOTHING);
await next();
for (const id of [0, 1, 2]) {
  backend.createContainer(id, 0, id === 0 ? NONE : 0, NOTHING);
  await next();
}
backend.pause(1);
await next();
backend.run(2, 0, 60_000_000, false);
const pids = [backend.zygoteOf(0).pid, ...[0, 1, 2].map((id) => backend.processOf(id))];
process.stdout.write(`${JSON.stringify(pids)}\n`);
