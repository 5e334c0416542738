import type { Server, Socket } from "node:net";
import { isGuestUser } from "../real/host/guest-users.js";
import type { Native } from "../real/host/native.js";

/** The answer of `Native.peerOwner` for a connection from another machine. */
const ANOTHER_MACHINE = -1;

/**
 * Makes a server close the connections of guests. With the host's network a guest reaches every
 * port of the machine, so the worker asks the kernel once per connection which user opened it. A
 * connection whose user is unknown is refused: if no process on this machine has the other end open
 * any more, no process waits for an answer.
 */
export function refuseGuests(server: Server, native: Pick<Native, "peerOwner">): void {
  // This runs before any data is read: reading begins with the next turn of the event loop.
  server.on("connection", (socket) => {
    if (!mayConnect(socket, native)) socket.resetAndDestroy();
  });
}

function mayConnect(socket: Socket, native: Pick<Native, "peerOwner">): boolean {
  const fd = descriptorOf(socket);
  if (fd === undefined) return false;
  let owner: number;
  try {
    owner = native.peerOwner(fd);
  } catch {
    return false; // it was reset meanwhile, so there is no other end
  }
  return owner === ANOTHER_MACHINE || (owner >= 0 && !isGuestUser(owner));
}

/** The socket's descriptor, which Node offers nowhere else; undefined: the socket is closed. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd: number } | null };
  return handle != null && handle.fd >= 0 ? handle.fd : undefined;
}
