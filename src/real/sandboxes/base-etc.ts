import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * What programs look for in /etc, copied as it is when the worker begins. The rest of /etc, and so
 * the private keys below /etc/ssl and /etc/pki, is not visible.
 */
const SHOWN = [
  ...["ld.so.cache", "ld.so.conf", "nsswitch.conf", "resolv.conf", "hosts"],
  ...["localtime", "timezone", "mime.types", "services", "protocols"],
  // Debian's programs such as awk and which are links to links here.
  "alternatives",
  // CA certificates of Debian, Fedora and Arch.
  ...["ssl/certs", "ssl/openssl.cnf", "ssl/cert.pem"],
  ...["pki/tls/certs", "pki/tls/cert.pem", "pki/ca-trust/extracted"],
  "ca-certificates/extracted",
];
/** Links to these stay links: the machine's /usr is in each root, and /etc has what is shown. */
const SHOWN_TARGET = /^(?:\/usr\/|\/etc\/|(?:\.\.\/)+usr\/)/;

/** Fills the `etc` of a base. */
export function fillEtc(etc: string): void {
  mkdirSync(etc, { recursive: true });
  for (const name of SHOWN) copyEntry(join("/etc", name), join(etc, name));
  for (const [name, text] of Object.entries(KNOWN)) {
    writeFileSync(join(etc, name), text);
    chmodSync(join(etc, name), 0o644);
  }
}

const KNOWN = { passwd: "root:x:0:0::/:/bin/false\n", group: "root:x:0:\n" };

function copyEntry(source: string, target: string): void {
  const found = lstatSync(source, { throwIfNoEntry: false });
  if (found === undefined) return;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  if (found.isDirectory()) {
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    return;
  }
  if (found.isSymbolicLink() && SHOWN_TARGET.test(readlinkSync(source))) {
    symlinkSync(readlinkSync(source), target);
    return;
  }
  copyFileSync(source, target);
  chmodSync(target, 0o644);
}

/**
 * The names of guests' users in the /etc/passwd and /etc/group of a base. All roots show the same
 * files, which grow when a user first gets a root.
 */
export class GuestNames {
  readonly #named = new Set<number>();
  readonly #passwd: number;
  readonly #group: number;

  constructor(etc: string) {
    this.#passwd = openSync(join(etc, "passwd"), "a");
    this.#group = openSync(join(etc, "group"), "a");
  }

  add(uid: number): void {
    if (this.#named.has(uid)) return;
    this.#named.add(uid);
    appendFileSync(this.#passwd, `guest${uid}:x:${uid}:${uid}::/scratch:/bin/sh\n`);
    appendFileSync(this.#group, `guest${uid}:x:${uid}:\n`);
  }

  close(): void {
    closeSync(this.#passwd);
    closeSync(this.#group);
  }
}
