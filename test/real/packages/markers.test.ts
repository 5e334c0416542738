import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { evaluateMarker, type MarkerEnvironment } from "../../../src/real/packages/markers.js";
import { canonicalVersion, compareVersions } from "../../../src/real/packages/versions.js";
import { testWithPip } from "../needs.js";

const VERSIONS = [
  ...["1", "1.0", "1.16", "1.16.0", "1.16.0.0", "0!1.16.0", "1!0.5", "1.10", "1.9", "2.0.0"],
  ...["1.0a1", "1.0alpha1", "1.0b2", "1.0rc1", "1.0c1", "1.0.post1", "1.0-1", "1.0.dev3"],
  ...["1.0a1.dev2", "1.0a1.post4", "1.0.post1.dev2", "v1.0", "1.0RC1", "1.0+local.1", "3.11"],
];
const OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~="];
const ENVIRONMENT: MarkerEnvironment = {
  python_version: "3.11",
  python_full_version: "3.11.7",
  sys_platform: "linux",
  platform_system: "Linux",
  platform_machine: "x86_64",
  os_name: "posix",
  implementation_name: "cpython",
  platform_python_implementation: "CPython",
  extra: "",
};
const MARKERS = [
  "python_version < '3.9'",
  'python_version >= "3.10" and sys_platform != "win32"',
  "python_full_version == '3.11.*'",
  "python_version ~= '3.8'",
  "'3.8' <= python_version",
  "(python_version < '3' or os_name == 'posix') and platform_machine in 'x86_64 AMD64'",
  "platform_machine not in 'x86_64 AMD64'",
  "sys_platform == 'win32' or sys_platform == 'linux' and python_version < '3'",
  "extra == 'binary'",
  "extra != 'binary'",
  "platform_python_implementation == 'CPython' and implementation_name != 'pypy'",
  "python_version == '3.11.0'",
  "sys_platform > 'a'",
];

/** Asks the packaging library that pip brings. */
function ask(python: string, body: string, input: unknown): unknown {
  const program = `import json, sys
from pip._vendor.packaging.markers import Marker
from pip._vendor.packaging.specifiers import SpecifierSet
from pip._vendor.packaging.utils import canonicalize_version
given = json.load(sys.stdin)
json.dump([${body} for each in given], sys.stdout)`;
  return JSON.parse(
    execFileSync(python, ["-I", "-c", program], { input: JSON.stringify(input), encoding: "utf8" }),
  );
}

// That library compares ~= with a bound that is not in normal form text by text.
testWithPip(
  "versions compare as in the packaging library, all pairs with all operators",
  async ({ python }) => {
    const cases = VERSIONS.flatMap((left) =>
      VERSIONS.flatMap((right) => OPERATORS.map((operator) => [left, operator, right] as const)),
    )
      .filter(([, operator, right]) => !(right.includes("+") && /[<>~]/.test(operator)))
      .filter(
        ([, operator, right]) =>
          operator !== "~=" || /^\d+(?:\.\d+)+(?:(?:a|b|rc)\d+)?$/.test(right),
      );
    const expected = ask(
      python,
      "SpecifierSet(each[1] + each[2]).contains(each[0], prereleases=True)",
      cases,
    ) as boolean[];
    const found = cases.map((each) => [...each, compareVersions(...each)]);
    expect(found).toEqual(cases.map((each, i) => [...each, expected[i]]));
  },
);

testWithPip(
  "one version has one canonical spelling, the packaging library's",
  async ({ python }) => {
    expect(VERSIONS.map(canonicalVersion)).toEqual(
      ask(python, "canonicalize_version(each)", VERSIONS),
    );
    expect(canonicalVersion("1.16.0")).toBe(canonicalVersion("0!1.16"));
  },
);

testWithPip("markers have the values that the packaging library gives them", async ({ python }) => {
  const asked = MARKERS.map((marker) => [marker, ENVIRONMENT]);
  expect(MARKERS.map((marker) => evaluateMarker(marker, ENVIRONMENT))).toEqual(
    ask(python, "Marker(each[0]).evaluate(each[1])", asked),
  );
});

test("a text that is not a marker is refused, and shown", () => {
  for (const text of [
    "",
    "python_version",
    "python >= '3'",
    "'a' == 'a' and",
    "(os_name == 'x'",
    "os_name + 'x'",
  ]) {
    expect(() => evaluateMarker(text, ENVIRONMENT), text).toThrow(`"${text}" is not a marker`);
  }
});
