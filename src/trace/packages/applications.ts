import { InputError } from "../../basics/errors.js";
import { importedBytes } from "../../contract/footprint.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { Catalogue, FunctionProfile, Workload } from "../../contract/workload.js";

/**
 * The applications of a workload, as profiles of containers that serve all of their functions. Such
 * a container loads the packages of all of them: if two versions of a package meet, that of the
 * function named first stays, as one process has one version.
 *
 * Its memory is the trace's memory of the application if the trace has it (Azure 2019 does), but at
 * least an interpreter and the packages. Otherwise it has the interpreter and each package once, and
 * what the handlers of all its functions keep besides: their greatest would leave out handlers, and
 * their sum would count the interpreter once per function.
 *
 * Errors: InputError if the numbers of applications have a gap.
 */
export function applicationProfiles(
  {
    functions,
    catalogue,
    applications,
  }: Pick<Workload, "functions" | "catalogue" | "applications">,
  interpreterBytes: number,
): readonly FunctionProfile[] {
  const members: (FunctionProfile[] | undefined)[] = [];
  for (const each of functions) {
    const group = members[each.app];
    if (group === undefined) members[each.app] = [each];
    else group.push(each);
  }
  return Array.from(members, (group, app) => {
    if (group === undefined)
      throw new InputError(
        `workload: no function has app ${app}, expected applications numbered from 0 without a gap`,
      );
    const { requirements, closure } = packagesOf(group, catalogue);
    const sharedBytes = interpreterBytes + importedBytes(closure, catalogue.packages);
    const known = applications?.[app];
    const handlerBytes = group.map(({ memoryBytes, closure: own }) =>
      Math.max(memoryBytes - interpreterBytes - importedBytes(own, catalogue.packages), 0),
    );
    return {
      name: known?.name ?? `application ${app}`,
      app,
      ...sharedText(group, "owner"),
      ...sharedText(group, "trigger"),
      memoryBytes: Math.max(known?.memoryBytes ?? sharedBytes + sum(handlerBytes), sharedBytes),
      requirements,
      closure,
      weight: sum(group.map(({ weight }) => weight)),
    };
  });
}

function packagesOf(
  group: readonly FunctionProfile[],
  { packages }: Catalogue,
): Pick<FunctionProfile, "requirements" | "closure"> {
  const versions = new Map<string, PackageId>();
  for (const { closure } of group) {
    for (const id of closure.ids) {
      const { name } = packages[id];
      if (!versions.has(name)) versions.set(name, id);
    }
  }
  const closure = new PackageSet(versions.values());
  const named = group.flatMap(({ requirements }) => [...requirements.ids]);
  return { requirements: new PackageSet(named.filter((id) => closure.has(id))), closure };
}

/** The text that all functions have in common; nothing if they differ. */
function sharedText<K extends "owner" | "trigger">(
  group: readonly FunctionProfile[],
  key: K,
): Partial<Record<K, string>> {
  const text = group[0][key];
  const isShared = text !== undefined && group.every((each) => each[key] === text);
  return isShared ? ({ [key]: text } as Partial<Record<K, string>>) : {};
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
