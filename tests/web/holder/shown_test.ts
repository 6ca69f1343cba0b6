import assert from "node:assert/strict";
import { sha256 } from "@noble/hashes/sha2.js";
import type { RequestedItem, Scheme } from "../../../mod.ts";
import { taprootAddress } from "../../../src/crypto/bip340/taproot.ts";
import { isReadable, itemsWord, readingOf, shownBatch, shownRequest } from "../../../web/holder/shown.ts";
import { hostile } from "../hostile_stories.ts";
import { bytes, requestFor } from "./requests.ts";

const request = (item: Partial<RequestedItem>, scheme: Scheme = "ed25519") => requestFor([item], { scheme });

/** The line with the SHA-256 of a message. */
const sha256Of = (message: Uint8Array) => ({
  label: "SHA-256 of the whole message",
  text: sha256(message).toHex(),
  plain: false,
});

Deno.test("shownRequest() shows a message as text if all of it is seen as it is", () => {
  for (const text of ["pay 5 to Carol", "payé à Zoë", "<b>bold</b>", "😀", "שלום"]) {
    assert.deepEqual(shownRequest(request({ message: bytes(text) })), [
      { label: "Message", text, plain: true },
      sha256Of(bytes(text)),
    ]);
  }
});

Deno.test("shownRequest() says of BIP-340 what is hashed, and which key of the wallet's signs", () => {
  const message = bytes("gm");
  const publicKey = new Uint8Array(32).fill(0x11);
  const shown = (part: Partial<RequestedItem>) =>
    shownRequest(request({ message, publicKey, ...part }, "bip340")).map(({ label, text, plain }) => {
      assert.ok(plain || /^(Digest|SHA-256)/.test(label));
      return `${label}: ${text}`;
    });
  const hash = `SHA-256 of the whole message: ${sha256(message).toHex()}`;
  const said = ["Message: gm", hash, "What is signed: the message as it is"];
  assert.deepEqual(shown({ options: { merkleRoot: null } }), [
    ...said,
    "Signs as: the key as it is, no Taproot output",
  ]);
  const output = [
    "Signs as: a Taproot output of the key: what spends its coins",
    `Address of the output: ${taprootAddress(publicKey, "mainnet")}`,
    `Key of the output: ${"11".repeat(32)}`,
  ];
  assert.deepEqual(shown({ options: { merkleRoot: new Uint8Array() } }), [
    ...said,
    ...output,
    "Its scripts: none: only the key can spend it (BIP-86)",
  ]);
  assert.deepEqual(shown({ options: { merkleRoot: new Uint8Array(32).fill(9) }, path: [0, 1] }), [
    ...said,
    "Child key: m/0/1",
    ...output,
    `Root of its scripts: ${"09".repeat(32)}: scripts can spend it, too`,
  ]);
  const digest = new Uint8Array(32).fill(3);
  assert.deepEqual(shown({ digest, hash: "sha256", options: { merkleRoot: null } }).slice(2, 4), [
    `Digest (SHA-256): ${"03".repeat(32)}`,
    "What is signed: the SHA-256 of the message",
  ]);
});

Deno.test("shownRequest() shows lines of text as they are, the last and the empty ones too", () => {
  const text = "Sign in to example.com\n\n Nonce: 7 \n";
  assert.deepEqual(shownRequest(request({ message: bytes(text) })), [
    { label: "Message, 4 lines", text, plain: true },
    sha256Of(bytes(text)),
  ]);
});

Deno.test("shownRequest() shows in hex what is no text, or not what it looks like", () => {
  const unseen = ["a\u0007b", "a\r\nb", "a\tb", "pay\u202e5", "a\u200bb", "\ufeffa", "a\u0301\u0301\u0301"];
  for (const message of [...unseen.map(bytes), Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xed, 0xa0, 0x80)]) {
    assert.deepEqual(shownRequest(request({ message })), [
      { label: "Message in hex", text: message.toHex(), plain: false },
      sha256Of(message),
    ]);
  }
});

Deno.test("shownRequest() shows the SHA-256 of all that is signed: two messages that differ where nothing is shown look different", () => {
  const message = new Uint8Array(4_000);
  const other = message.with(2_500, 1);
  const [one, two] = [message, other].map((message) => shownRequest(request({ message })));
  assert.notDeepEqual(one, two);
  assert.deepEqual(one![0], two![0], "the part that is shown is the same");
  assert.deepEqual(one![1], sha256Of(message));
  assert.deepEqual(
    shownRequest(request({ message: bytes("hi") }))[1],
    sha256Of(bytes("hi")),
    "also of what can be read",
  );
});

Deno.test("isReadable() is a whole text, nothing at all, or a new key; never bytes, a part, or a digest alone", () => {
  assert.ok(isReadable(request({ message: bytes("pay 5 to Carol") })));
  assert.ok(isReadable(request({ message: new Uint8Array() })));
  assert.ok(isReadable(request({ message: bytes("hi"), digest: new Uint8Array(32), hash: "sha256" })));
  const unread = [bytes("a".repeat(2_001)), bytes("a\rb"), Uint8Array.of(0xff), new Uint8Array(4_000)];
  for (const message of unread) assert.ok(!isReadable(request({ message })), `${message.length} bytes`);
  assert.ok(!isReadable(request({ digest: new Uint8Array(32), hash: "sha256" })));
});

Deno.test("shownRequest() never shows a part as if it were the whole", () => {
  const [shown] = shownRequest(request({ message: new Uint8Array(3_000) }));
  assert.equal(shown!.label, "Message in hex, the first 2000 of 3000 bytes");
  assert.equal(shown!.text.length, 4_000);
  const order = `${"a".repeat(5_442)}\npay 1,000,000 to Mallory`;
  const long = request({ message: bytes(order) });
  assert.deepEqual(shownRequest(long)[0], {
    label: "Message, 2 lines, 5,467 bytes",
    text: order,
    plain: false,
    long: true,
  });
  assert.ok(!isReadable(long), "it takes an act of its own");
  assert.equal(shownRequest(request({ message: new Uint8Array() }))[0]!.text, "(empty)");
});

Deno.test("shownRequest() shows a digest with its hash, and says when its message is not shown", () => {
  const digest = new Uint8Array(32).fill(7);
  const both = shownRequest(request({ message: bytes("hi"), digest, hash: "keccak256", path: [0, 7] }));
  assert.deepEqual(both.map(({ label }) => label), [
    "Message",
    "SHA-256 of the whole message",
    "Digest (Keccak-256)",
    "Child key",
  ]);
  assert.deepEqual(both.map(({ text }) => text), ["hi", sha256Of(bytes("hi")).text, digest.toHex(), "m/0/7"]);
  const [alone] = shownRequest(request({ digest, hash: "sha256" }));
  assert.match(
    alone!.label,
    /^Digest \(SHA-256, by the word of whoever asks; this tab was not given the message\)/,
  );
});

Deno.test("shownRequest() lets nothing hidden through, whatever is asked", () => {
  for (const text of hostile) {
    const { text: shown } = shownRequest(request({ message: bytes(text) }))[0]!;
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u);
  }
});

Deno.test("shownBatch() says once what all items have in common, and of each what is its own", () => {
  const publicKey = new Uint8Array(32).fill(0x11);
  const item = (text: string, path: readonly number[]) => ({
    message: bytes(text),
    path,
    publicKey,
    options: { merkleRoot: null },
  });
  const labels = (shown: readonly { label: string }[]) => shown.map(({ label }) => label);
  const one = shownBatch(requestFor([item("a", [0]), item("b", [0])], { scheme: "bip340" }))!;
  assert.deepEqual(labels(one.common), ["What is signed", "Child key", "Signs as"]);
  assert.deepEqual(one.items.map(({ facts }) => facts), [[], []]);
  assert.deepEqual(one.items.map(({ content }) => content.text), ["a", "b"]);
  const two = shownBatch(requestFor([item("a", [0]), item("b", [])], { scheme: "bip340" }))!;
  assert.deepEqual(labels(two.common), ["What is signed", "Signs as"]);
  assert.deepEqual(two.items.map(({ facts }) => labels(facts)), [["Child key"], []]);
  assert.equal(shownBatch(request({ message: bytes("a") })), null);
});

Deno.test("shownBatch() leaves no item out, and lets nothing hidden through", () => {
  const all = Array.from(
    { length: 256 },
    (_, i) => ({ message: bytes(`${i} ${hostile[i % hostile.length]}`) }),
  );
  const { items } = shownBatch(requestFor(all))!;
  assert.equal(items.length, 256);
  for (const [i, { content: { text }, hashes }] of items.entries()) {
    assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
    assert.deepEqual(hashes, [sha256Of(all[i]!.message)]);
  }
});

Deno.test("readingOf() a batch is plain while it is short, long if it has many items or bytes, and unreadable if one is", () => {
  const texts = (count: number, length: number) =>
    requestFor(Array.from({ length: count }, () => ({ message: bytes("x".repeat(length)) })));
  assert.equal(readingOf(texts(16, 125)), "plain");
  assert.equal(readingOf(texts(16, 126)), "long", "2,016 bytes");
  assert.equal(readingOf(texts(17, 1)), "long");
  const short = { message: bytes("pay 5") };
  assert.equal(readingOf(requestFor([short, { message: bytes("a\u200bb") }])), "unreadable");
  const digest = { digest: new Uint8Array(32), hash: "sha256" } as const;
  assert.equal(readingOf(requestFor([short, digest])), "unreadable");
});

Deno.test("itemsWord() is messages, digests, or items if there are both", () => {
  const message = { message: bytes("a") };
  const digest = { digest: new Uint8Array(32), hash: "sha256" } as const;
  assert.equal(itemsWord(requestFor([message, message])), "messages");
  assert.equal(itemsWord(requestFor([digest, digest])), "digests");
  assert.equal(itemsWord(requestFor([message, digest])), "items");
});
