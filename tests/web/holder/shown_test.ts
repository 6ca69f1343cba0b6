import assert from "node:assert/strict";
import { type SigningRequest, taprootAddress } from "../../../mod.ts";
import { isReadable, shownRequest } from "../../../web/holder/shown.ts";
import { alice } from "../events.ts";
import { hostile } from "../hostile_stories.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const request = (part: Partial<SigningRequest>): SigningRequest => ({
  kind: "sign",
  keyId: "0badc0de".repeat(8),
  id: "00",
  messageHash: null,
  wallet: "treasury",
  scheme: "ed25519",
  initiator: alice,
  note: "",
  reference: "",
  message: null,
  digest: null,
  hash: null,
  path: [],
  options: {},
  publicKey: new Uint8Array(33),
  party: [alice],
  expires: 0,
  ...part,
});

Deno.test("shownRequest() shows a message as text if all of it is seen as it is", () => {
  for (const text of ["pay 5 to Carol", "payé à Zoë", "<b>bold</b>", "😀", "שלום"]) {
    assert.deepEqual(shownRequest(request({ message: bytes(text) })), [
      { label: "Message", text, plain: true },
    ]);
  }
});

Deno.test("shownRequest() says of BIP-340 what is hashed, and which key of the wallet's signs", () => {
  const message = bytes("gm");
  const publicKey = new Uint8Array(32).fill(0x11);
  const shown = (part: Partial<SigningRequest>) =>
    shownRequest(request({ scheme: "bip340", message, publicKey, ...part })).map(({ label, text, plain }) => {
      assert.ok(plain || label.startsWith("Digest"));
      return `${label}: ${text}`;
    });
  const said = ["Message: gm", "What is signed: the message as it is"];
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
  assert.deepEqual(shown({ digest, hash: "sha256", options: { merkleRoot: null } }).slice(1, 3), [
    `Digest (SHA-256): ${"03".repeat(32)}`,
    "What is signed: the SHA-256 of the message",
  ]);
});

Deno.test("shownRequest() shows lines of text as they are, the last and the empty ones too", () => {
  const text = "Sign in to example.com\n\n Nonce: 7 \n";
  assert.deepEqual(shownRequest(request({ message: bytes(text) })), [
    { label: "Message, 4 lines", text, plain: true },
  ]);
});

Deno.test("shownRequest() shows in hex what is no text, or not what it looks like", () => {
  const unseen = ["a\u0007b", "a\r\nb", "a\tb", "pay\u202e5", "a\u200bb", "\ufeffa", "a\u0301\u0301\u0301"];
  for (const message of [...unseen.map(bytes), Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xed, 0xa0, 0x80)]) {
    assert.deepEqual(shownRequest(request({ message })), [
      { label: "Message in hex", text: message.toHex(), plain: false },
    ]);
  }
});

Deno.test("shownRequest() shows the SHA-256 of all that is signed: two messages that differ where nothing is shown look different", async () => {
  const sha256 = async (message: Uint8Array) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", message.slice()));
  const message = new Uint8Array(4_000);
  const other = message.with(2_500, 1);
  const [one, two] = await Promise.all(
    [message, other].map(async (message) =>
      shownRequest(request({ message, messageHash: await sha256(message) }))
    ),
  );
  assert.notDeepEqual(one, two);
  assert.deepEqual(one![0], two![0], "the part that is shown is the same");
  assert.deepEqual(one![1], {
    label: "SHA-256 of the whole message",
    text: (await sha256(message)).toHex(),
    plain: false,
  });
  const short = shownRequest(request({ message: bytes("hi"), messageHash: await sha256(bytes("hi")) }));
  assert.equal(short[1]!.text, (await sha256(bytes("hi"))).toHex(), "also of what can be read");
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
  assert.deepEqual(both.map(({ label }) => label), ["Message", "Digest (Keccak-256)", "Child key"]);
  assert.deepEqual(both.map(({ text }) => text), ["hi", digest.toHex(), "m/0/7"]);
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
