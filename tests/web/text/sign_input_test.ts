import assert from "node:assert/strict";
import { inputOf, messageBytes, pathOf, rootOf } from "../../../web/text/sign_input.ts";

Deno.test("messageBytes() signs several lines as they were typed, byte for byte", () => {
  const typed = "example.com wants you to sign in\n\n  Nonce: 7 \n";
  assert.deepEqual(messageBytes("text", typed, null), new TextEncoder().encode(typed));
});

Deno.test("messageBytes() takes text, hex and files, and says what is wrong with others", () => {
  assert.deepEqual(messageBytes("text", "", null), new Uint8Array());
  assert.deepEqual(messageBytes("hex", "0x00 01ff", null), new Uint8Array([0, 1, 255]));
  assert.equal(messageBytes("hex", "0x1", null), "Hex consists of pairs of the digits 0 to 9 and a to f.");
  assert.equal(messageBytes("file", "", null), "Choose a file.");
  assert.match(
    messageBytes("text", "x".repeat(65_537), null) as string,
    /too long: 65,537 bytes; at most 65,536 are allowed/,
  );
});

Deno.test("inputOf() names a hash for ECDSA and none for Ed25519", () => {
  const typed = { format: "hex", text: "ff", file: null, hash: "sha256d" } as const;
  assert.deepEqual(inputOf("ed25519", typed), { message: new Uint8Array([255]) });
  assert.deepEqual(inputOf("ecdsa", typed), { message: new Uint8Array([255]), hash: "sha256d" });
});

Deno.test("inputOf() signs a message for BIP-340 as it is, or its SHA-256 if that is chosen", () => {
  const typed = { format: "hex", text: "ff", file: null } as const;
  const message = new Uint8Array([255]);
  assert.deepEqual(inputOf("bip340", { ...typed, hash: "none" }), { message });
  assert.deepEqual(inputOf("bip340", { ...typed, hash: "sha256" }), { message, hash: "sha256" });
  assert.deepEqual(inputOf("bip340", { ...typed, hash: "keccak256" }), { message }, "it is no choice of it");
});

Deno.test("rootOf() takes 64 hex digits or none, for BIP-340 only, and says what is wrong with others", () => {
  assert.equal(rootOf("bip340", { root: null }), null);
  assert.deepEqual(rootOf("bip340", { root: " " }), new Uint8Array());
  assert.deepEqual(rootOf("bip340", { root: `0x${"ab".repeat(32)}` }), new Uint8Array(32).fill(0xab));
  for (const root of ["ab", "ab".repeat(31), "ab".repeat(33)]) {
    const wrong = `A Merkle root has 64 hex digits, or is left out; this one has ${root.length}.`;
    assert.equal(rootOf("bip340", { root }), wrong);
  }
  for (const root of ["x", "abc"]) {
    assert.equal(rootOf("bip340", { root }), "A Merkle root has 64 hex digits, or is left out.");
  }
  for (const scheme of ["ed25519", "ecdsa"] as const) assert.equal(rootOf(scheme, { root: "" }), null);
});

Deno.test("inputOf() takes a digest of 32 bytes with what made it, and nothing shorter", () => {
  const typed = { format: "digest", file: null, hash: "keccak256" } as const;
  const digest = new Uint8Array(32).fill(0xab);
  assert.deepEqual(inputOf("ecdsa", { ...typed, text: `0x${"ab".repeat(32)}` }), {
    digest,
    hash: "keccak256",
  });
  assert.equal(
    inputOf("ecdsa", { ...typed, text: "ab" }),
    "A digest has 64 hex digits; this one has 2.",
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
