import { CONTAINER_MAY_BEGIN, type FollowUps, ZYGOTE_MAY_BEGIN } from "./follow-ups.js";

/**
 * Bounds how many containers and Zygotes are created at once. What has its packages and finds no
 * place waits here, first come first served.
 */
export class Creations {
  readonly #limit: number;
  readonly #followUps: FollowUps;
  /** Waiting creations: 2c for container c, 2z + 1 for Zygote z. */
  readonly #waiting: number[] = [];
  #underWay = 0;

  constructor(limit: number, followUps: FollowUps) {
    this.#limit = limit;
    this.#followUps = followUps;
  }

  get hasPlace(): boolean {
    return this.#underWay < this.#limit;
  }

  /** True: the creation may begin now. False: a follow-up says when. */
  request(isZygote: boolean, id: number): boolean {
    if (this.hasPlace) {
      this.#underWay++;
      return true;
    }
    this.#waiting.push(isZygote ? 2 * id + 1 : 2 * id);
    return false;
  }

  /** A creation has ended; the first that waits gets its place. */
  ended(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#underWay--;
    else this.#followUps.add(next % 2 === 1 ? ZYGOTE_MAY_BEGIN : CONTAINER_MAY_BEGIN, next >> 1);
  }
}
