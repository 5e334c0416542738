/**
 * Runs a backend in a network namespace with its own metadata addresses. `tsx metadata-worker.ts
 * <options as JSON>`, in a new network namespace, prints what happens when a container and this
 * process (root, not a guest) connect to each address, what happens to other users while the
 * backend lives and afterwards, and the backend's warnings.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { NONE } from "../../src/basics/none.js";
import { FIRST_GUEST_UID, LAST_GUEST_UID } from "../../src/real/host/guest-users.js";
import { stand } from "./stand.js";

const NOTHING = new Int32Array(0);
/** Addresses and ports. */
const PLACES: readonly (readonly [string, number])[] = [
  ["169.254.169.254", 80],
  ["169.254.170.2", 8080],
  ["100.100.100.200", 80],
  ["fd00:ec2::254", 80],
  ["::ffff:169.254.169.254", 80],
  ["169.254.169.254", 53],
  ["169.253.169.254", 80],
  ["fd00:ec3::254", 80],
  ["127.0.0.1", 80],
];
const HANDLER = `import os, socket

def attempt(what):
    try:
        what()
        return "connected"
    except OSError as error:
        return os.strerror(error.errno) if error.errno else repr(error)

def connect(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as near:
        near.settimeout(5)
        near.connect((host, port))

def connect_sending(host, port):
    with socket.socket() as near:
        near.settimeout(5)
        near.sendto(b"x", socket.MSG_FASTOPEN, (host, port))

def ask_over_udp(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.connect((host, 53))

def f(event):
    found = [attempt(lambda: connect(*place)) for place in event["places"]]
    fast = attempt(lambda: connect_sending("169.254.169.254", 80))
    return {"places": found, "fastOpen": fast, "udp": attempt(lambda: ask_over_udp("169.254.169.254"))}
`;

if (execFileSync("ip", ["-o", "link"], { encoding: "utf8" }).trim().split("\n").length !== 1) {
  throw new Error("this is not a new network namespace");
}
execFileSync("ip", ["link", "set", "lo", "up"]);
for (const [host] of PLACES) {
  if (host.startsWith("::ffff:") || host === "127.0.0.1") continue;
  const own = `${host}/${host.includes(":") ? 128 : 32}`;
  execFileSync("ip", [
    "addr",
    "replace",
    own,
    "dev",
    "lo",
    ...(host.includes(":") ? ["nodad"] : []),
  ]);
}
for (const port of new Set(PLACES.map(([, each]) => each))) {
  const server = createServer((near) => near.destroy())
    .listen(port, "::")
    .unref();
  await once(server, "listening");
}

async function connectHere([host, port]: readonly [string, number]): Promise<string> {
  const near = connect({ host, port });
  const failed = once(near, "error").then(([error]) => (error as Error).message);
  const outcome = await Promise.race([once(near, "connect").then(() => "connected"), failed]);
  near.destroy();
  return outcome;
}

/**
 * Whether processes of other users can connect to the first place: the users next to and at both
 * ends of the range of guests.
 */
function connectAs(): Promise<string[]> {
  const [host, port] = PLACES[0];
  const source = `import socket\nsocket.create_connection(("${host}", ${port}), 5)`;
  const users = [FIRST_GUEST_UID - 1, FIRST_GUEST_UID, LAST_GUEST_UID, LAST_GUEST_UID + 1];
  const asked = users.map((uid) => {
    const options = { uid, gid: uid, cwd: "/", stdio: "ignore" } as const;
    const child = spawn("python3", ["-c", source], options);
    return once(child, "exit").then(([code]) => (code === 0 ? "connected" : "refused"));
  });
  return Promise.all(asked);
}

const made = stand([HANDLER], [], JSON.parse(process.argv[2]));
const { backend, driver, ran } = made;
await driver.perform(() => backend.createZygote(0, NONE, NOTHING));
const guests: unknown[] = [];
for (const [id, parent] of [0, NONE].entries()) {
  await driver.perform(() => backend.createContainer(id, 0, parent, NOTHING));
  made.events.set(id, { places: PLACES });
  await driver.perform(() => backend.run(id, id, 0, false));
  guests.push(ran.get(id)!.answer);
}
const here: string[] = [];
for (const place of PLACES) here.push(await connectHere(place));
const { warnings } = backend;
const before = await connectAs();
await made.close();
const users = { before, after: await connectAs() };
const codes = warnings.map(({ code }) => code);
process.stdout.write(`${JSON.stringify({ guests, here, users, codes })}\n`);
process.exit(0);
