/**
 * User ids of the processes that this project confines. They have no names, and no other process of
 * the machine should run under one: the worker refuses their connections.
 */
export const FIRST_GUEST_UID = 199_998;
export const LAST_GUEST_UID = 265_535;

/** User of installers, which run the build scripts of packages. */
export const INSTALL_UID: number = FIRST_GUEST_UID;
/** User of Zygotes, which run the packages' code. */
export const ZYGOTE_UID: number = FIRST_GUEST_UID + 1;
/** User of the first container slot. Each further slot has the next number. */
export const FIRST_CONTAINER_UID = 200_000;

export function isGuestUser(uid: number): boolean {
  return uid >= FIRST_GUEST_UID && uid <= LAST_GUEST_UID;
}
