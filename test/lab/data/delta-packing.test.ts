import fc from "fast-check";
import { ByteWriter } from "hyparquet-writer";
import { deltaBinaryPack } from "hyparquet-writer/src/delta.js";
import { expect, test } from "vitest";
import { DeltaPacker } from "../../../src/lab/data/delta-packing.js";

const MOST = 400;

/** The same numbers as 64-bit integers, packed by hyparquet-writer with a bigint per number. */
function packedByHyparquet(values: readonly number[]): Uint8Array {
  const bytes = new ByteWriter();
  deltaBinaryPack(bytes, BigInt64Array.from(values, BigInt), "INT64");
  return bytes.getBytes();
}

/** Numbers of one magnitude each, so that blocks differ in the bits they take. */
const values = fc.integer({ min: 0, max: 51 }).chain((bits) =>
  fc.array(
    fc.oneof(
      fc.constant(0),
      fc.maxSafeNat().map((value) => value % 2 ** (bits + 1)),
    ),
    {
      minLength: 1,
      maxLength: MOST,
      size: "max",
    },
  ),
);

test("numbers up to 2^52 are packed into the bytes that hyparquet-writer makes of bigints, over several blocks", () => {
  const packer = new DeltaPacker(MOST);
  const property = fc.property(values, (numbers) => {
    const packed = packer.pack(Float64Array.from(numbers), numbers.length)!;
    expect(Buffer.from(packed).equals(packedByHyparquet(numbers))).toBe(true);
  });
  fc.assert(property, { numRuns: 300 });
});

test("equal differences take one block header per 128 of them: 10, 13, 16, ... has no packed bits", () => {
  const rising = Float64Array.from({ length: 257 }, (_, at) => 10 + 3 * at);
  // header: 128 and 257 are two bytes each, 4 miniblocks and zigzag(10) one; block: zigzag(3), 4 widths
  expect(new DeltaPacker(MOST).pack(rising, 257)).toHaveLength(6 + 2 * 5);
});

test("a negative number, and one whose differences a double cannot hold, are left to another encoder", () => {
  const packer = new DeltaPacker(MOST);
  expect(packer.pack(Float64Array.of(1, -1), 2)).toBeUndefined();
  expect(packer.pack(Float64Array.of(2 ** 52), 1)).toBeUndefined();
  expect(packer.pack(Float64Array.of(2 ** 52 - 1), 1)).toBeDefined();
});
