import { NONE } from "../../basics/none.js";
import type { PackageId } from "../../contract/package-set.js";
import type { InstallPolicy, PolicySpec, View } from "../../contract/policy.js";
import { lowestUnused } from "./rank-packages.js";

export const gdsfInstalls: PolicySpec<"install"> = {
  family: "install",
  name: "gdsf",
  summary: "Drops the package with the lowest clock + uses x install time / disk size.",
  source:
    "Cherkasova, Greedy-Dual-Size-Frequency, HPL-98-69R1; for functions FaasCache, ASPLOS 2021",
  departures: [
    "the cost of a package is the mean time of its installations in the run, which cost files and the machine decide; a package that was on disk at the start has the catalogue's time",
  ],
  parameters: {},
  create: () => new GdsfInstalls(),
};

class GdsfInstalls implements InstallPolicy {
  readonly #uses: number[] = [];
  readonly #clockAtUse: number[] = [];
  /** Per package: its installations in the run, and the time of all of them. */
  readonly #installations: number[] = [];
  readonly #installUs: number[] = [];
  #clock = 0;

  onPackageUse(_: View, id: PackageId): void {
    this.#uses[id] = (this.#uses[id] ?? 0) + 1;
    this.#clockAtUse[id] = this.#clock;
  }

  onInstalled(_: View, id: PackageId, installUs: number): void {
    this.#installations[id] = (this.#installations[id] ?? 0) + 1;
    this.#installUs[id] = (this.#installUs[id] ?? 0) + installUs;
  }

  /** Its uses are counted again from its next installation on. */
  onPackageGone(_: View, id: PackageId): void {
    this.#uses[id] = 0;
  }

  preinstalled(): Iterable<PackageId> {
    return [];
  }

  budgetBytes({ installs }: View): number {
    return installs.diskLimitBytes;
  }

  victim(view: View): PackageId {
    const victim = lowestUnused(view.installs, (id) => this.#priority(view, id));
    if (victim !== NONE) this.#clock = Math.max(this.#clock, this.#priority(view, victim));
    return victim;
  }

  keepUnused(): boolean {
    return true;
  }

  #priority({ packages }: View, id: PackageId): number {
    const gainUs = (this.#uses[id] ?? 0) * this.#costUs(packages[id].installUs, id);
    return (this.#clockAtUse[id] ?? 0) + gainUs / Math.max(packages[id].diskBytes, 1);
  }

  #costUs(catalogueUs: number, id: PackageId): number {
    const count = this.#installations[id] ?? 0;
    return count === 0 ? catalogueUs : this.#installUs[id] / count;
  }
}
