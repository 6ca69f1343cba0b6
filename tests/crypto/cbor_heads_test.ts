import assert from "node:assert/strict";
import { encode } from "cborg";
import fc from "fast-check";
import * as v from "valibot";
import { fieldsIn, maxNesting, maxTextBytes, maxValues } from "../../src/crypto/cbor_heads.ts";
import { bytesUpTo, firstFields, list, record, text, uint } from "../../src/crypto/codec.ts";

const nested = (depth: number): unknown[] => depth === 1 ? [] : [nested(depth - 1)];
const hex = (digits: string) => Uint8Array.fromHex(digits.replaceAll(" ", ""));

Deno.test("fieldsIn() counts the fields of all that a record can hold, as cborg writes it", () => {
  const simple = fc.oneof(fc.maxSafeNat(), fc.uint8Array({ maxLength: 300 }), fc.string(), fc.boolean());
  const value = fc.oneof(simple, fc.constant(null), fc.array(simple), fc.array(fc.array(simple)));
  fc.assert(fc.property(fc.array(value), (fields) => {
    assert.equal(fieldsIn(encode(fields), maxValues), fields.length);
  }));
  for (const length of [23, 24, 255, 256, 65_535, 65_536]) {
    assert.equal(fieldsIn(encode([new Uint8Array(length), 1]), 2), 2, `${length} bytes`);
    assert.equal(fieldsIn(encode(Array(length).fill(0)), length), length, `${length} values`);
  }
});

for (
  const [what, input, why] of [
    ["nothing", hex(""), /ends too early/],
    ["a number", hex("01"), /not a list/],
    ["a map", hex("81 a0"), /unexpected byte 0xa0/],
    ["a map in the place of the list", hex("a0"), /unexpected byte 0xa0/],
    ["a tag", hex("81 c0 00"), /unexpected byte 0xc0/],
    ["a negative number", hex("81 20"), /unexpected byte 0x20/],
    ["undefined", hex("81 f7"), /unexpected byte 0xf7/],
    ["a simple value in a byte of its own", hex("81 f8 ff"), /unexpected byte 0xf8/],
    ["a float", hex("81 f9 3c 00"), /unexpected byte 0xf9/],
    ["a break", hex("81 ff"), /unexpected byte 0xff/],
    ["a list without a length", hex("9f ff"), /without a length/],
    ["bytes without a length", hex("81 5f ff"), /without a length/],
    ["a length that is reserved", hex("9c"), /without a length/],
    ["a list that ends early", hex("82 00"), /ends too early/],
    ["a head that ends early", hex("81 19 01"), /ends too early/],
    ["bytes that end early", hex("81 42 00"), /ends too early/],
    ["bytes as long as no input is", hex("81 5b ff ff ff ff ff ff ff ff 00"), /ends too early/],
    ["text that is too long", encode(["a".repeat(maxTextBytes + 1)]), /bytes of text/],
    ["lists too deep", encode(nested(maxNesting + 1)), /lists inside each other/],
  ] as const
) {
  Deno.test(`fieldsIn() refuses ${what}`, () => {
    assert.throws(() => fieldsIn(input, maxValues), { name: "TypeError", message: why });
  });
}

Deno.test("fieldsIn() takes the deepest list, the longest text, and as many values as there may be", () => {
  assert.equal(fieldsIn(encode(nested(maxNesting)), maxValues), 1);
  assert.equal(fieldsIn(encode(["a".repeat(maxTextBytes)]), maxValues), 1);
  assert.equal(fieldsIn(encode([[0, 0], [0, 0]]), 6), 2);
  for (const one of [[[0, 0], [0, 0]], [[], [], [], [], [], []], [0, 0, 0, 0, 0, 0]]) {
    assert.throws(() => fieldsIn(encode(one), 5), /over 5 values/);
  }
});

Deno.test("fieldsIn() refuses a list for the number that it states, before it looks at any of its values", () => {
  // Nothing follows: to look at one value would find that the list ends too early.
  for (const digits of ["9a 01 05 f6 20", "81 9a 01 05 f6 20", "9b ff ff ff ff ff ff ff ff"]) {
    assert.throws(() => fieldsIn(hex(digits), maxValues), /over 4096 values/);
  }
});

const wide = record("quorate/t/wide", { all: list(uint, 2 * maxValues) }, { values: 2 + 2 * maxValues });
const usual = record("quorate/t/usual", { all: list(uint, 2 * maxValues) });
const three = record("quorate/t/three", { a: uint, b: bytesUpTo(3), c: text(3) });

Deno.test("record() decodes as many values as its type may have, by default 4,096", () => {
  const all = Array<number>(2 * maxValues).fill(0);
  assert.equal(wide.decode(wide.encode({ all })).all.length, all.length);
  assert.throws(() => usual.decode(usual.encode({ all })), /over 4096 values/);
  assert.equal(usual.decode(usual.encode({ all: all.slice(0, maxValues - 2) })).all.length, maxValues - 2);
  assert.throws(() => usual.decode(usual.encode({ all: all.slice(0, maxValues - 1) })), /over 4096 values/);
});

Deno.test("record() refuses another number of fields before anything is built of them", () => {
  const fields = ["quorate/t/three", 1, new Uint8Array(3), "abc"];
  for (const other of [fields.slice(1), [...fields, 0], []]) {
    const why = `Cannot decode quorate/t/three: expected 4 fields, found ${other.length}`;
    assert.throws(() => three.decode(encode(other)), { name: "TypeError", message: why });
  }
  const older = firstFields("quorate/t/three", { a: uint });
  assert.deepEqual(older.decode(encode(fields)), { a: 1 });
  assert.throws(() => older.decode(encode([...fields, Array(maxValues).fill(0)])), /over 4096 values/);
});

Deno.test("record() and firstFields() describe the first wrong value, and no other", () => {
  const wrong = encode(["quorate/t/usual", Array(1000).fill("")]);
  for (const codec of [usual, firstFields("quorate/t/usual", { all: v.array(uint) })]) {
    assert.throws(
      () => codec.decode(wrong),
      ({ cause }: Error) => cause instanceof v.ValiError && cause.issues.length === 1,
    );
  }
});
