import type { Server, Socket } from "node:net";
import { isGuestUser } from "../real/host/guest-users.js";
import type { Native } from "../real/host/native.js";

/** As `Native.peerOwner` says it. */
const ANOTHER_MACHINE = -1;

/**
 * Makes a server hang up on guests. With the host's network a guest reaches every port of the machine,
 * so the worker asks the kernel, once for each connection, whose it is. Who cannot be told is refused:
 * an end on this machine that nobody has open any more waits for no answer.
 */
export function refuseGuests(server: Server, native: Pick<Native, "peerOwner">): void {
  // It comes before anything that was sent is read: reading begins with the loop's next turn.
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
    return false; // it has been reset meanwhile: there is no other end
  }
  return owner === ANOTHER_MACHINE || (owner >= 0 && !isGuestUser(owner));
}

/** Node names it nowhere else. undefined: it is closed. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd: number } | null };
  return handle != null && handle.fd >= 0 ? handle.fd : undefined;
}
