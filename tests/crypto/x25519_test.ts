import fc from "fast-check";
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { directionKey, keyPair, open, seal, shared } from "../../src/crypto/x25519.ts";
import { seeded } from "../protocol/keys.ts";

const hex = (text: string) => Uint8Array.fromHex(text);
const session = new Uint8Array(32).fill(9);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

Deno.test("shared() gives the secret of RFC 7748 §6.1", () => {
  using bob = keyPair(() => hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  assert.equal(bob.publicKey.toHex(), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const alice = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  const secret = shared(bob.secret, alice);
  assert.equal(secret.toHex(), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
});

Deno.test("shared() agrees with node:crypto", () => {
  const asNode = (raw: Uint8Array, prefix: string) => Buffer.from([...hex(prefix), ...raw]);
  fc.assert(
    fc.property(bytes(32), bytes(32), (a, b) => {
      using mine = keyPair(() => a.slice());
      using theirs = keyPair(() => b.slice());
      const privateKey = createPrivateKey({
        key: asNode(a, "302e020100300506032b656e04220420"),
        format: "der",
        type: "pkcs8",
      });
      const publicKey = createPublicKey({
        key: asNode(theirs.publicKey, "302a300506032b656e032100"),
        format: "der",
        type: "spki",
      });
      const expected = new Uint8Array(diffieHellman({ privateKey, publicKey }));
      assert.deepEqual(shared(mine.secret, theirs.publicKey), expected);
      assert.deepEqual(shared(theirs.secret, mine.publicKey), expected);
    }),
    { numRuns: 5 },
  );
});

Deno.test("shared() refuses every point of low order, and other lengths", () => {
  using mine = keyPair(seeded("low"));
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].map(hex);
  for (const point of [...lowOrder, ...lowOrder.map((p) => p.with(31, p[31]! | 0x80))]) {
    assert.throws(() => shared(mine.secret, point), Error, point.toHex());
  }
  for (const length of [0, 31, 33]) assert.throws(() => shared(mine.secret, new Uint8Array(length).fill(9)));
});

Deno.test("keyPair() wipes its secret when it leaves its scope", () => {
  const pair = keyPair(seeded("pair"));
  pair[Symbol.dispose]();
  assert.deepEqual(pair.secret, new Uint8Array(32));
});

Deno.test("directionKey() differs by link, session and direction", () => {
  const link = new Uint8Array(32).fill(1);
  const keys = [
    directionKey(link, session, "alice", "bob"),
    directionKey(link, session, "bob", "alice"),
    directionKey(link, session.with(0, 0), "alice", "bob"),
    directionKey(link.with(0, 0), session, "alice", "bob"),
    directionKey(link, session, "alic", "ebob"), // F01: where one name ends, the other begins
  ];
  assert.equal(new Set(keys.map((key) => key.toHex())).size, keys.length);
  assert.ok(keys.every((key) => key.length === 32));
});

Deno.test("open() opens what seal() sealed, with leading zeros and empty", () => {
  fc.assert(fc.property(
    bytes(32),
    fc.nat(),
    fc.uint8Array(),
    fc.uint8Array(),
    (key, counter, header, plain) => {
      const sealed = seal(key, counter, header, plain);
      assert.equal(sealed.length, plain.length + 16);
      assert.deepEqual(open(key, counter, header, sealed), plain);
    },
  ));
});

Deno.test("open() gives null for another key, counter or header, and for any changed byte", () => {
  const key = new Uint8Array(32).fill(3), header = hex("aa"), plain = hex("000102");
  const sealed = seal(key, 5, header, plain);
  assert.equal(open(key.with(0, 0), 5, header, sealed), null);
  assert.equal(open(key, 6, header, sealed), null);
  assert.equal(open(key, 5, hex("ab"), sealed), null);
  assert.equal(open(key, 5, new Uint8Array(), sealed), null);
  for (let i = 0; i < sealed.length; i++) {
    assert.equal(open(key, 5, header, sealed.with(i, sealed[i]! ^ 1)), null, `byte ${i}`);
  }
  for (const length of [0, 15, 16, 18]) assert.equal(open(key, 5, header, sealed.subarray(0, length)), null);
});

Deno.test("seal() refuses what is no counter", () => {
  for (const counter of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => seal(new Uint8Array(32), counter, new Uint8Array(), new Uint8Array()), RangeError);
  }
});
