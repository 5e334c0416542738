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
  departures: [],
  parameters: {},
  create: () => new GdsfInstalls(),
};

class GdsfInstalls implements InstallPolicy {
  readonly #uses: number[] = [];
  readonly #clockAtUse: number[] = [];
  #clock = 0;

  onPackageUse(_: View, id: PackageId): void {
    this.#uses[id] = (this.#uses[id] ?? 0) + 1;
    this.#clockAtUse[id] = this.#clock;
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
    const { installUs, diskBytes } = packages[id];
    const gainUs = (this.#uses[id] ?? 0) * installUs;
    return (this.#clockAtUse[id] ?? 0) + gainUs / Math.max(diskBytes, 1);
  }
}
