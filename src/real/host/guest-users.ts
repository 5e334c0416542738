/**
 * Users of what this project confines. Nobody has names for them, and no other process of the machine
 * should run as one: the worker refuses their connections.
 */
export const FIRST_GUEST_UID = 199_998;
export const LAST_GUEST_UID = 265_535;

/** Installers, which run anyone's build scripts. */
export const INSTALL_UID: number = FIRST_GUEST_UID;
/** Zygotes, which run the packages' code. */
export const ZYGOTE_UID: number = FIRST_GUEST_UID + 1;
/** Containers are numbered from here, one a slot. */
export const FIRST_CONTAINER_UID = 200_000;

export function isGuestUser(uid: number): boolean {
  return uid >= FIRST_GUEST_UID && uid <= LAST_GUEST_UID;
}
