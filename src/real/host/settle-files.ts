import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const BLOCK_BYTES = 512;
const READ_ALL = 0o444;
const ENTER_ALL = 0o111;
const WRITE_OTHERS = 0o022;
const PERMISSIONS = 0o777;

/**
 * Gives a tree that another user wrote to the state folder: owned by `owner` (undefined: the owner
 * stays), readable to all users, writable only to its owner, without set-id bits. Returns the bytes
 * that it takes on disk.
 *
 * Errors: a plain Error with one line if the tree contains anything except files, folders and
 * symbolic links, or a file with a second name, which may be outside the tree.
 */
export async function settleFiles(path: string, owner: number | undefined): Promise<number> {
  const stats = await lstat(path);
  if (owner !== undefined) await lchown(path, owner, owner);
  let bytes = stats.blocks * BLOCK_BYTES;
  if (stats.isSymbolicLink()) return bytes;
  if (!stats.isDirectory() && (!stats.isFile() || stats.nlink > 1)) {
    throw new Error(`${path} is neither a file of one name nor a folder`);
  }
  const isEntered = stats.isDirectory() || (stats.mode & ENTER_ALL) !== 0;
  const mode = (stats.mode & PERMISSIONS & ~WRITE_OTHERS) | READ_ALL | (isEntered ? ENTER_ALL : 0);
  await chmod(path, mode);
  if (stats.isDirectory()) {
    for (const name of await readdir(path)) bytes += await settleFiles(join(path, name), owner);
  }
  return bytes;
}
