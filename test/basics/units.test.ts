import { expect, test } from "vitest";
import { formatBytes, formatUs, parseBytes, parseDurationUs } from "../../src/basics/units.js";

test("sizes and durations need a unit, and the error names option, value and units", () => {
  expect(parseBytes("512MiB", "--memory")).toBe(512 * 1024 * 1024);
  expect(parseBytes("1.5GB", "--memory")).toBe(1.5e9);
  expect(parseBytes("unlimited", "--memory")).toBe(Number.POSITIVE_INFINITY);
  expect(parseDurationUs("10m", "--keep")).toBe(600_000_000);
  expect(parseDurationUs("0", "--keep")).toBe(0);
  for (const bad of ["8", "8 apples", "-1GiB", "NaN", ""]) {
    expect(() => parseBytes(bad, "--memory")).toThrow(
      /^--memory: ".*" is not a number with a unit/,
    );
  }
});

test("numbers for people keep three digits", () => {
  expect(formatBytes(1.5 * 1024 ** 3)).toBe("1.5 GiB");
  expect(formatBytes(0)).toBe("0");
  expect(formatUs(12_345)).toBe("12.3 ms");
  expect(formatUs(Number.POSITIVE_INFINITY)).toBe("unlimited");
});
