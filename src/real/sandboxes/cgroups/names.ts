/** Name of an instance's top cgroup in each hierarchy. All its other cgroups are below it. */
export function cgroupNameOf(instance: string): string {
  return `socklab-${instance}`;
}

/** The instance name under which an instance's installers have their cgroups. */
export function installersOf(instance: string): string {
  return `${instance}-installers`;
}
