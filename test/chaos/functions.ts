/** A Python function of a round. It answers with the token of its event, if it can. */
export interface ChaosFunction {
  readonly name: string;
  readonly source: string;
  /** Pinned packages, separated by commas. */
  readonly requirements?: string;
}

const ANSWER = '    return event["token"]\n';

const handler = (name: string, body: string, imports = ""): ChaosFunction => ({
  name,
  source: `${imports}def f(event):\n${body}${ANSWER}`,
});

/** The neighbour whose requests must not suffer from other functions. */
export const GOOD: ChaosFunction = handler("good", "");

/** Other well-behaved functions, with and without a wait. */
export const OTHERS: readonly ChaosFunction[] = [
  handler("other0", ""),
  handler("other1", ""),
  handler("other2", "    time.sleep(0.002)\n", "import time\n"),
  handler("other3", "    time.sleep(0.01)\n", "import time\n"),
  handler("other4", '    sum(range(20_000))\n    print("heard")\n'),
];

/** Functions with packages, so that there are Zygotes other than the root Zygote. */
export const WITH_PACKAGES: readonly ChaosFunction[] = [
  { ...handler("needs0", "", "import pkg_p0\n"), requirements: "p0==1.0" },
  { ...handler("needs1", "", "import pkg_p1\n"), requirements: "p1==1.0" },
];

/** A function whose container ends with every request. */
export const ENDS: ChaosFunction = handler("ends", "    os._exit(1)\n", "import os\n");

export const SLOW: ChaosFunction = handler("slow", "    time.sleep(0.2)\n", "import time\n");

export const OVER_MEMORY: ChaosFunction = handler(
  "greedy",
  "    kept = bytearray(256 << 20)\n    kept[::4096] = b'x' * (len(kept) // 4096)\n",
);

/**
 * Memory limit of a worker. Two of the functions below, which keep 100 MiB each, fit into it, but
 * not all four.
 */
export const SMALL_MEMORY = "256MiB";
export const LARGE: readonly ChaosFunction[] = [0, 1, 2, 3].map((n) =>
  handler(
    `large${n}`,
    "",
    "kept = bytearray(100 << 20)\nkept[::4096] = b'x' * (len(kept) // 4096)\n",
  ),
);

/** Forks up to the limit of the container's processes, and keeps all of them. */
export const FORK_BOMB: ChaosFunction = handler(
  "bomb",
  `    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(60)
`,
  "import os, time\n",
);

/** Functions that write to the socket over which the container reports to the worker. */
export const FRAME_WRITERS: readonly ChaosFunction[] = [
  handler("garbage", '    os.write(3, b"\\xff\\x00garbage\\n")\n', "import os\n"),
  // Two answers before the real one. Each contains this request's token, so a later request that
  // gets one of them shows it.
  handler(
    "forger",
    `    frame = {"outcome": "ok", "us": [0, 1], "answer": event["token"]}
    os.write(3, (json.dumps(frame) + "\\n").encode() * 2)
`,
    "import json, os\n",
  ),
  handler(
    "flood",
    '    chunk = b"x" * (1 << 16)\n    while True:\n        os.write(3, chunk)\n',
    "import os\n",
  ),
];
