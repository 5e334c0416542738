/** Keep-alive settings of a worker, with and without timers. */
export interface Setting {
  readonly name: string;
  readonly options: readonly string[];
}

const fixed = (parameters: string): Setting => ({
  name: parameters,
  options: ["--set", `keep-alive=fixed:${parameters}`],
});

export const SETTINGS: readonly Setting[] = [
  fixed("keep=unlimited,pauseAfter=20ms"),
  fixed("keep=100ms"),
  fixed("keep=50ms"),
  fixed("keep=200ms"),
  fixed("keep=1s,reset=false"),
  {
    name: "openwhisk, keep=1s",
    options: ["--policy", "openwhisk", "--set", "keep-alive=fixed:keep=1s"],
  },
  fixed("keep=0"),
  fixed("keep=unlimited"),
  { name: "sock", options: [] },
];
