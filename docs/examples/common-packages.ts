// An example of a zygote policy: run it with `socklab run <trace> --policy
// docs/examples/common-packages.ts`.
import { NONE, type PolicySpec, type ZygotePolicy } from "socklab/policy";

const commonPackages: PolicySpec<"zygote"> = {
  family: "zygote",
  name: "common-packages",
  summary: "One Zygote with the packages that most functions need; other functions start cold.",
  source: "this page",
  departures: [],
  needsPackages: true,
  parameters: {
    share: {
      kind: "number",
      default: 0.5,
      unit: "of the functions",
      min: 0,
      max: 1,
      description: "how many functions must need a package",
    },
  },
  create: ({ share }, { functions, catalogue, packageSet }): ZygotePolicy => {
    const isCommon = (id: number) =>
      functions.filter(({ closure }) => closure.has(id)).length >= Number(share) * functions.length;
    const common = packageSet([...catalogue.packages.keys()].filter(isCommon));
    return {
      startsWithRoot: false,
      choose(view, functionId) {
        if (!common.isSubsetOf(view.functions[functionId].closure))
          return { forkFrom: NONE, create: null };
        const [zygote = NONE] = view.zygotes.live;
        if (zygote !== NONE) return { forkFrom: zygote, create: null };
        return { forkFrom: NONE, create: { parent: NONE, packages: common } };
      },
    };
  },
};

export default commonPackages;
