import assert from "node:assert/strict";
import { hashesFor } from "../../../web/text/schemes.ts";
import { inputsOf, messageBytes, pathOf, rootOf } from "../../../web/text/sign_input.ts";

Deno.test("messageBytes() signs several lines as they were typed, byte for byte", () => {
  const typed = "example.com wants you to sign in\n\n  Nonce: 7 \n";
  assert.deepEqual(messageBytes("text", typed), new TextEncoder().encode(typed));
});

Deno.test("messageBytes() takes text, hex and files, and says what is wrong with others", () => {
  assert.deepEqual(messageBytes("text", ""), new Uint8Array());
  assert.deepEqual(messageBytes("hex", "0x00 01ff"), new Uint8Array([0, 1, 255]));
  assert.equal(messageBytes("hex", "0x1"), "Hex consists of pairs of the digits 0 to 9 and a to f.");
  assert.deepEqual(messageBytes("file", new Uint8Array(3)), new Uint8Array(3));
  assert.match(
    messageBytes("text", "x".repeat(65_537)) as string,
    /too long: 65,537 bytes; at most 65,536 are allowed/,
  );
});

Deno.test("inputsOf() names a hash for ECDSA and none for Ed25519", () => {
  const typed = { format: "hex", texts: ["ff"], files: [], hash: "sha256d" } as const;
  assert.deepEqual(inputsOf("ed25519", typed), [{ message: new Uint8Array([255]) }]);
  assert.deepEqual(inputsOf("ecdsa", typed), [{ message: new Uint8Array([255]), hash: "sha256d" }]);
});

Deno.test("inputsOf() takes a digest of a hash that is not known here, and no message to be hashed by it", () => {
  const typed = { texts: ["05".repeat(32)], files: [], hash: "other" } as const;
  const digest = new Uint8Array(32).fill(5);
  assert.deepEqual(inputsOf("ecdsa", { ...typed, format: "digest" }), [{ digest, hash: "other" }]);
  assert.deepEqual(inputsOf("ecdsa", { ...typed, format: "hex" }), [{ message: digest }]);
  assert.deepEqual([hashesFor("ecdsa", "digest").at(-1), hashesFor("ecdsa", "message").length], ["other", 3]);
});

Deno.test("inputsOf() signs a message for BIP-340 as it is, or its SHA-256 if that is chosen", () => {
  const typed = { format: "hex", texts: ["ff"], files: [] } as const;
  const message = new Uint8Array([255]);
  assert.deepEqual(inputsOf("bip340", { ...typed, hash: "none" }), [{ message }]);
  assert.deepEqual(inputsOf("bip340", { ...typed, hash: "sha256" }), [{ message, hash: "sha256" }]);
  assert.deepEqual(
    inputsOf("bip340", { ...typed, hash: "keccak256" }),
    [{ message }],
    "it is no choice of it",
  );
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

Deno.test("inputsOf() takes a digest of 32 bytes with what made it, and nothing shorter", () => {
  const typed = { format: "digest", files: [], hash: "keccak256" } as const;
  const digest = new Uint8Array(32).fill(0xab);
  assert.deepEqual(inputsOf("ecdsa", { ...typed, texts: [`0x${"ab".repeat(32)}`] }), [{
    digest,
    hash: "keccak256",
  }]);
  assert.deepEqual(inputsOf("ecdsa", { ...typed, texts: ["ab"] }), {
    item: 0,
    sentence: "A digest has 64 hex digits; this one has 2.",
  });
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

Deno.test("inputsOf() takes several messages in order, and names the one that is wrong", () => {
  const typed = { format: "text", texts: ["a", "b", " "], files: [], hash: "none" } as const;
  const message = (text: string) => ({ message: new TextEncoder().encode(text) });
  assert.deepEqual(inputsOf("ed25519", typed), [message("a"), message("b"), message(" ")]);
  assert.deepEqual(inputsOf("ed25519", { ...typed, texts: ["a", ""] }), {
    item: 1,
    sentence: "Message 2 is empty: fill it in, or remove it.",
  });
  assert.deepEqual(inputsOf("ed25519", { ...typed, format: "hex", texts: ["00", "0"] }), {
    item: 1,
    sentence: "Message 2: Hex consists of pairs of the digits 0 to 9 and a to f.",
  });
  const digests = { ...typed, format: "digest", hash: "sha256", texts: ["ab".repeat(32), "ab"] } as const;
  assert.deepEqual(inputsOf("ecdsa", digests), {
    item: 1,
    sentence: "Digest 2: A digest has 64 hex digits; this one has 2.",
  });
});

Deno.test("inputsOf() takes files, each a message, and says if there is none or one is too long", () => {
  const typed = { format: "file", texts: ["not this"], hash: "none" } as const;
  const files = [new Uint8Array([1]), new Uint8Array([2, 3])];
  assert.deepEqual(inputsOf("ed25519", { ...typed, files }), files.map((message) => ({ message })));
  assert.deepEqual(inputsOf("ed25519", { ...typed, files: [] }), { item: null, sentence: "Choose a file." });
  const long = inputsOf("ed25519", { ...typed, files: [...files, new Uint8Array(65_537)] });
  assert.match((long as { sentence: string }).sentence, /^File 3: The message is too long: 65,537 bytes;/);
});

Deno.test("inputsOf() wants all messages together to be short enough for one command", () => {
  const of = (second: number) =>
    inputsOf("ed25519", {
      format: "text",
      texts: ["x".repeat(60_000), "x".repeat(second)],
      files: [],
      hash: "none",
    });
  assert.ok(Array.isArray(of(5_536)));
  assert.deepEqual(of(5_537), {
    item: null,
    sentence: "The messages are too long: 65,537 bytes together; at most 65,536 are allowed.",
  });
});
