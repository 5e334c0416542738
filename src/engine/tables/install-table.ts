import { assert } from "../../basics/errors.js";
import type { InstallsView } from "../../contract/installs-view.js";
import { type MeasuredSpan, withinSpan } from "../../contract/measured-span.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Package } from "../../contract/workload.js";

export const ABSENT = 0;
export const INSTALLING_PACKAGE = 1;
export const INSTALLED = 2;
export const REMOVING = 3;

/** A container or Zygote that waits for a package. */
export interface InstallWaiter {
  readonly isZygote: boolean;
  readonly id: number;
  readonly generation: number;
}

/**
 * The install cache: which packages are on disk, how many users pin each, and what waits for each.
 */
export class InstallTable implements InstallsView {
  readonly diskLimitBytes: number;
  usedBytes = 0;
  /** Bytes of packages being removed. */
  freeingBytes = 0;
  /** The most bytes within the measured span; before it, the present bytes. */
  peakBytes = 0;
  readonly installed: Set<PackageId> = new Set();
  readonly state: Uint8Array;
  readonly waiters: InstallWaiter[][];
  /** Removals that failed, per package. */
  readonly failedRemovals: Uint8Array;
  readonly #pins: Int32Array;
  readonly #uses: Int32Array;
  readonly #lastUsed: Float64Array;
  readonly #packages: readonly Package[];
  readonly #span: MeasuredSpan;
  #byteUs = 0;
  #sinceUs = 0;

  constructor(packages: readonly Package[], diskLimitBytes: number, span: MeasuredSpan) {
    this.diskLimitBytes = diskLimitBytes;
    this.#span = span;
    this.#sinceUs = span.fromUs;
    this.#packages = packages;
    this.state = new Uint8Array(packages.length);
    this.waiters = packages.map(() => []);
    this.failedRemovals = new Uint8Array(packages.length);
    this.#pins = new Int32Array(packages.length);
    this.#uses = new Int32Array(packages.length);
    this.#lastUsed = new Float64Array(packages.length);
  }

  isInstalled(id: PackageId): boolean {
    return this.state[id] === INSTALLED;
  }
  isPinned(id: PackageId): boolean {
    return this.#pins[id] > 0;
  }
  lastUsedUs(id: PackageId): number {
    return this.#lastUsed[id];
  }
  usesOf(id: PackageId): number {
    return this.#uses[id];
  }

  use(id: PackageId, nowUs: number): void {
    this.#uses[id]++;
    this.#lastUsed[id] = nowUs;
  }

  pin(id: PackageId): void {
    this.#pins[id]++;
  }

  /** True: no container or Zygote uses it any more. */
  unpin(id: PackageId): boolean {
    return --this.#pins[id] === 0;
  }

  /** Reserves disk for a package whose installation begins, or that is installed from the start. */
  occupy(id: PackageId, nowUs: number): void {
    this.#settle(nowUs);
    this.usedBytes += this.#packages[id].diskBytes;
    assert(this.usedBytes <= this.diskLimitBytes, "packages occupy more than the disk limit");
    const isMeasured = nowUs <= this.#span.untilUs;
    if (isMeasured && this.usedBytes > this.peakBytes) this.peakBytes = this.usedBytes;
  }

  /** Frees its disk. */
  vacate(id: PackageId, nowUs: number): void {
    this.#settle(nowUs);
    this.usedBytes -= this.#packages[id].diskBytes;
    if (nowUs < this.#span.fromUs) this.peakBytes = this.usedBytes;
  }

  setInstalled(id: PackageId): void {
    this.state[id] = INSTALLED;
    this.installed.add(id);
  }

  setGone(id: PackageId, state: typeof ABSENT | typeof REMOVING): void {
    this.state[id] = state;
    this.installed.delete(id);
  }

  /** Integral of bytes on disk over the measured span up to `nowUs`, in byte-microseconds. */
  byteUs(nowUs: number): number {
    this.#settle(nowUs);
    return this.#byteUs;
  }

  #settle(nowUs: number): void {
    const untilUs = withinSpan(this.#span, nowUs);
    this.#byteUs += this.usedBytes * (untilUs - this.#sinceUs);
    this.#sinceUs = untilUs;
  }
}
