import assert from "node:assert/strict";
import { inputOf, mayJoin, messageBytes, pathOf, signersFor } from "../../web/node/ask.ts";
import { unrestrained } from "../../web/state/forbidden_pairs.ts";
import { alice, bob, carol, ecdsaKey, key } from "./events.ts";

const nobody = { picked: null, armed: null, ready: [], restraint: unrestrained };

Deno.test("messageBytes() signs several lines as they were typed, byte for byte", () => {
  const typed = "example.com wants you to sign in\n\n  Nonce: 7 \n";
  assert.deepEqual(messageBytes("text", typed, null), new TextEncoder().encode(typed));
});

Deno.test("messageBytes() takes text, hex and files, and says what is wrong with others", () => {
  assert.deepEqual(messageBytes("text", "", null), new Uint8Array());
  assert.deepEqual(messageBytes("hex", "0x00 01ff", null), new Uint8Array([0, 1, 255]));
  assert.equal(messageBytes("hex", "0x1", null), "Hex is written in pairs of the digits 0 to 9 and a to f.");
  assert.equal(messageBytes("file", "", null), "Choose a file.");
  assert.match(
    messageBytes("text", "x".repeat(65_537), null) as string,
    /too long: 65,537 bytes, of at most 65,536/,
  );
});

Deno.test("inputOf() names a hash for ECDSA and none for Ed25519", () => {
  const typed = { format: "hex", text: "ff", file: null, hash: "sha256d" } as const;
  assert.deepEqual(inputOf("ed25519", typed), { message: new Uint8Array([255]) });
  assert.deepEqual(inputOf("secp256k1", typed), { message: new Uint8Array([255]), hash: "sha256d" });
});

Deno.test("inputOf() takes a digest of 32 bytes with what made it, and nothing shorter", () => {
  const typed = { format: "digest", file: null, hash: "keccak256" } as const;
  const digest = new Uint8Array(32).fill(0xab);
  assert.deepEqual(inputOf("secp256k1", { ...typed, text: `0x${"ab".repeat(32)}` }), {
    digest,
    hash: "keccak256",
  });
  assert.equal(
    inputOf("secp256k1", { ...typed, text: "ab" }),
    "A digest is written in 64 hex digits; these are 2.",
  );
});

Deno.test("pathOf() reads paths with and without m, and says why a hardened one cannot be", () => {
  assert.deepEqual(pathOf(""), []);
  assert.deepEqual(pathOf(" m "), []);
  assert.deepEqual(pathOf("0/5"), [0, 5]);
  assert.deepEqual(pathOf("m/44/0/2147483647"), [44, 0, 2147483647]);
  assert.match(pathOf("44'/0") as string, /hardened/);
  for (const bad of ["0//5", "/", "2147483648", "-1", "x", "1e3"]) {
    assert.match(pathOf(bad) as string, /^Write the path as numbers/, bad);
  }
});

Deno.test("signersFor() makes the armed peer one of the signers", () => {
  assert.deepEqual(signersFor(key, { ...nobody, armed: carol }), [carol, alice]);
  assert.equal(signersFor(key, nobody), null);
  assert.deepEqual(signersFor(key, { ...nobody, picked: [bob, carol], armed: alice }), [bob, carol]);
});

Deno.test("signersFor() never brings a banned pair together, nor asks who has frozen the key", () => {
  const apart = { apart: [[alice, bob]], frozen: [] } as const;
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, armed: bob, restraint: apart }), [bob, carol]);
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, restraint: apart }), [alice, carol]);
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, ready: [bob, carol], restraint: apart }), [bob, carol]);
  const frozen = { apart: [], frozen: [carol] };
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, armed: bob, restraint: frozen }), [bob, alice]);
  assert.equal(signersFor(ecdsaKey, { ...nobody, restraint: { ...apart, frozen: [carol] } }), null);
});

Deno.test("mayJoin() keeps a banned pair from being picked, and lets who is picked be dropped", () => {
  const apart = { apart: [[alice, bob]], frozen: [] } as const;
  assert.equal(mayJoin(bob, [alice], apart), false);
  assert.equal(mayJoin(carol, [alice], apart), true);
  assert.equal(mayJoin(alice, [alice, bob], apart), true);
});
