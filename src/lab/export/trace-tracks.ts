/** Processes of a trace: the groups into which a viewer sorts tracks. */
const GROUPS = { memory: 1, containers: 2, Zygotes: 3, packages: 4 } as const;
export type Group = keyof typeof GROUPS;
/** Viewers expect that no two tracks have one number, even in different groups. */
const TRACKS_PER_GROUP = 1_000_000;

type Details = Readonly<Record<string, string | number | boolean>>;

/**
 * Writes events in the format of Chrome's trace viewer, as JSON objects with commas between them.
 * Times are in microseconds. Within a track slices nest, and times never go back.
 */
export class TraceTracks {
  readonly #write: (text: string) => void;
  /** Names of the slices that are open in each track, the outermost first. */
  readonly #open = new Map<string, string[]>();
  readonly #named = new Set<string>();
  #isFirst = true;

  constructor(write: (text: string) => void) {
    this.#write = write;
    write('{"displayTimeUnit":"ms","traceEvents":[');
    for (const [name, pid] of Object.entries(GROUPS)) {
      this.#event({ ph: "M", name: "process_name", pid, args: { name } });
      this.#event({ ph: "M", name: "process_sort_index", pid, args: { sort_index: pid } });
    }
  }

  /** Gives a track its name, once. */
  nameTrack(group: Group, track: number, name: string): void {
    const key = `${group} ${track}`;
    if (this.#named.has(key)) return;
    this.#named.add(key);
    this.#event({ ph: "M", name: "thread_name", ...placeOf(group, track), args: { name } });
  }

  begin(group: Group, track: number, atUs: number, name: string, args: Details = {}): void {
    const key = `${group} ${track}`;
    const open = this.#open.get(key) ?? [];
    this.#open.set(key, open);
    open.push(name);
    this.#event({ ph: "B", name, ...placeOf(group, track), ts: atUs, args });
  }

  /** Ends slices of a track, the innermost first, until `depth` are open. */
  endTo(depth: number, group: Group, track: number, atUs: number, args: Details = {}): void {
    const open = this.#open.get(`${group} ${track}`) ?? [];
    while (open.length > depth) {
      const name = open.pop();
      this.#event({ ph: "E", name, ...placeOf(group, track), ts: atUs, args });
    }
  }

  /** A slice whose end is known. */
  slice(group: Group, track: number, atUs: number, durationUs: number, name: string): void {
    this.#event({ ph: "X", name, ...placeOf(group, track), ts: atUs, dur: durationUs });
  }

  /** The values of a stacked chart from this time on. */
  counter(group: Group, atUs: number, name: string, args: Details): void {
    this.#event({ ph: "C", name, pid: GROUPS[group], ts: atUs, args });
  }

  /** Ends all slices that are open, and the file. */
  end(atUs: number): void {
    for (const key of this.#open.keys()) {
      const [group, track] = key.split(" ");
      this.endTo(0, group as Group, Number(track), atUs);
    }
    this.#write("\n]}\n");
  }

  #event(event: object): void {
    this.#write(`${this.#isFirst ? "" : ","}\n${JSON.stringify(event)}`);
    this.#isFirst = false;
  }
}

function placeOf(group: Group, track: number): { readonly pid: number; readonly tid: number } {
  return { pid: GROUPS[group], tid: GROUPS[group] * TRACKS_PER_GROUP + track };
}
