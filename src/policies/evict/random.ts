import { NONE } from "../../basics/none.js";
import type { RandomStream } from "../../basics/random.js";
import type { ContainerId, EvictPolicy, PolicySpec, Victim, View } from "../../contract/policy.js";
import { IdleSet } from "./idle-set.js";
import { mayGo, victimOf } from "./lowest-zygote.js";

export const randomEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "random",
  summary: "Evicts any idle container or Zygote without children or containers.",
  source: "random replacement; RAND of faascache-sim, Fuerst and Sharma, ASPLOS 2021",
  departures: ["each idle container and each Zygote that may go is equally likely"],
  parameters: {},
  create: (_, { random }) => new RandomEviction(random),
};

class RandomEviction implements EvictPolicy {
  readonly #random: RandomStream;
  readonly #idle = new IdleSet();

  constructor(random: RandomStream) {
    this.#random = random;
  }

  onIdle(_: View, container: ContainerId): void {
    this.#idle.enter(container);
  }

  onContainerGone(_: View, container: ContainerId): void {
    this.#idle.remove(container);
  }

  victim({ containers, zygotes }: View): Victim | null {
    const loose = zygotes.live.filter(
      (id) => mayGo(zygotes, id) && zygotes.liveContainersOf(id) === 0,
    );
    const drawn = Math.floor(this.#random.next() * (containers.idleCount + loose.length));
    if (drawn < loose.length) return victimOf(loose[drawn], NONE);
    return victimOf(NONE, this.#idle.draw(containers, this.#random));
  }
}
