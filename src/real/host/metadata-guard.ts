import { FIRST_GUEST_UID, LAST_GUEST_UID } from "./guest-users.js";
import type { AddressPrefix, Native } from "./native.js";

/**
 * Addresses at which a cloud answers a machine's questions about itself. The answers include the
 * machine's credentials, and the cloud does not ask who wants them. Link-local addresses are
 * reserved for a machine's own neighbourhood (RFC 3927, RFC 4291 2.5.6).
 */
export const METADATA_ADDRESSES: readonly AddressPrefix[] = [
  { address: "169.254.0.0", bits: 16 }, // link-local: nearly all clouds, and ECS tasks
  { address: "100.100.100.200", bits: 32 }, // Alibaba Cloud
  { address: "fe80::", bits: 10 }, // link-local: OpenStack
  { address: "fd00:ec2::", bits: 32 }, // Amazon
  { address: "fd20:ce::254", bits: 128 }, // Google
  { address: "fd00:c1::a9fe:a9fe", bits: 128 }, // Oracle
];

/** Some clouds resolve names at these addresses, so port 53 stays open, and so does all of UDP. */
const NAMES_PORT = 53;

/**
 * Keeps guests and installers from connecting to metadata addresses until the guard is closed or
 * this process ends.
 */
export class MetadataGuard {
  readonly #native: Native;
  #links: readonly number[] = [];
  /** Why connections cannot be refused; empty if they are refused. */
  readonly failure: string = "";

  constructor(native: Native) {
    this.#native = native;
    try {
      this.#links = native.refuseAddresses({
        firstUid: FIRST_GUEST_UID,
        lastUid: LAST_GUEST_UID,
        openPort: NAMES_PORT,
        prefixes: METADATA_ADDRESSES,
      });
    } catch (error) {
      this.failure = (error as Error).message;
    }
  }

  close(): void {
    for (const link of this.#links) this.#native.closeFd(link);
    this.#links = [];
  }
}
