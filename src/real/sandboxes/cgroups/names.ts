/** Name of an instance's one cgroup in each hierarchy, parent of all of its others. */
export function cgroupNameOf(instance: string): string {
  return `socklab-${instance}`;
}

/** The same for its installers, which have an instance's cgroups of their own. */
export function installersOf(instance: string): string {
  return `${instance}-installers`;
}
