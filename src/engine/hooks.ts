import type { Policies, PolicyHooks } from "../contract/policy.js";

type Listeners = { readonly [H in keyof PolicyHooks]-?: readonly Required<Pick<PolicyHooks, H>>[] };

/** Finds once which policies receive which notice, so that an absent notice costs an empty loop. */
export function collectHooks(policies: Policies): Listeners {
  const all = [...new Set<PolicyHooks>(Object.values(policies))];
  const takers = <H extends keyof PolicyHooks>(hook: H) =>
    all.filter((policy) => policy[hook] !== undefined) as unknown as Required<
      Pick<PolicyHooks, H>
    >[];
  return {
    onBegin: takers("onBegin"),
    onTick: takers("onTick"),
    onArrival: takers("onArrival"),
    onStart: takers("onStart"),
    onEnd: takers("onEnd"),
    onUnserved: takers("onUnserved"),
    onIdle: takers("onIdle"),
    onContainerReady: takers("onContainerReady"),
    onContainerGone: takers("onContainerGone"),
    onZygoteReady: takers("onZygoteReady"),
    onFork: takers("onFork"),
    onZygoteGone: takers("onZygoteGone"),
    onPackageUse: takers("onPackageUse"),
    onInstalled: takers("onInstalled"),
    onPackageGone: takers("onPackageGone"),
  };
}

export type { Listeners };
