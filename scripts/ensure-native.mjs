// Builds the native addon if it is missing or older than its sources and a compiler is present, so
// that `npm test` tests the real backend if possible. Without a compiler it says how to get one.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const native = fileURLToPath(new URL("../native/", import.meta.url));

if (process.platform === "linux" && !isBuilt()) {
  if (["g++", "make", "python3"].some((tool) => spawnSync(tool, ["--version"]).status !== 0)) {
    process.stderr.write(
      "The real backend is not tested, its addon needs a compiler: apt-get install g++ make python3\n",
    );
  } else {
    const { status } = spawnSync("npm", ["run", "--silent", "build:native"], {
      cwd: native,
      stdio: ["ignore", 2, 2],
    });
    process.exitCode = status ?? 3;
  }
}

function isBuilt() {
  const built = Math.min(
    ...["socklab.node", "guest.so"].map((name) => changedAt(`${native}build/Release/${name}`)),
  );
  const sources = ["", "src/", "guest/"].flatMap((folder) =>
    readdirSync(native + folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => changedAt(native + folder + entry.name)),
  );
  return built > Math.max(...sources);
}

/** When a file was changed, in milliseconds; 0 if it does not exist. */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
