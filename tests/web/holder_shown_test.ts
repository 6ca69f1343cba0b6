import assert from "node:assert/strict";
import type { SigningRequest } from "../../mod.ts";
import { shownRequest } from "../../web/holder/shown.ts";
import { alice } from "./events.ts";
import { hostile } from "./stories.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const request = (part: Partial<SigningRequest>): SigningRequest => ({
  kind: "sign",
  id: "00",
  messageHash: null,
  wallet: "treasury",
  curve: "ed25519",
  initiator: alice,
  message: null,
  digest: null,
  hash: null,
  path: [],
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

Deno.test("shownRequest() shows in hex what is no text, or not what it looks like", () => {
  const unseen = ["a\u0007b", "a\nb", "pay\u202e5", "a\u200bb", "\ufeffa", "a\u0301\u0301\u0301"];
  for (const message of [...unseen.map(bytes), Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xed, 0xa0, 0x80)]) {
    assert.deepEqual(shownRequest(request({ message })), [
      { label: "Message in hex", text: message.toHex(), plain: false },
    ]);
  }
});

Deno.test("shownRequest() never shows a part as if it were the whole", () => {
  const [shown] = shownRequest(request({ message: bytes("a".repeat(3_000)) }));
  assert.equal(shown!.label, "Message in hex, the first 2000 of 3000 bytes");
  assert.equal(shown!.text.length, 4_000);
  assert.equal(shownRequest(request({ message: new Uint8Array() }))[0]!.text, "(empty)");
});

Deno.test("shownRequest() shows a digest with its hash, and says when its message is not shown", () => {
  const digest = new Uint8Array(32).fill(7);
  const both = shownRequest(request({ message: bytes("hi"), digest, hash: "keccak256", path: [0, 7] }));
  assert.deepEqual(both.map(({ label }) => label), ["Message", "Digest (Keccak-256)", "Child key"]);
  assert.deepEqual(both.map(({ text }) => text), ["hi", digest.toHex(), "m/0/7"]);
  const [alone] = shownRequest(request({ digest, hash: "sha256" }));
  assert.match(alone!.label, /^Digest \(SHA-256, as whoever asks says; its message is not shown/);
});

Deno.test("shownRequest() lets nothing hidden through, whatever is asked", () => {
  for (const text of hostile) {
    const { text: shown } = shownRequest(request({ message: bytes(text) }))[0]!;
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u);
  }
});
