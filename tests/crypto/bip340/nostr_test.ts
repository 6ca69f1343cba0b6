import fc from "fast-check";
import { decode, npubEncode } from "nostr-tools/nip19";
import { getEventHash, type NostrEvent, verifyEvent } from "nostr-tools/pure";
import assert from "node:assert/strict";
import {
  nostrEvent,
  nostrEventId,
  nostrEventMessage,
  type NostrEventTemplate,
  npubOf,
} from "../../../src/crypto/bip340/nostr.ts";
import { verifyBip340 } from "../../../src/crypto/bip340/signature.ts";
import { InputError } from "../../../src/errors.ts";
import printed from "../../vectors/bip340/nip_events.json" with { type: "json" };
import { hex } from "./keys.ts";

const publicKey = hex("3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d");
const event: NostrEventTemplate = {
  created_at: 1_700_000_000,
  kind: 1,
  tags: [["t", "quorate"]],
  content: "gm",
};

// tests/vectors/bip340/README.md
Deno.test("nostrEventId() gives the ids of the events that the NIPs print, and their signatures verify", () => {
  assert.equal(printed.length, 6);
  for (const { source, event } of printed) {
    const key = hex(event.pubkey);
    assert.equal(nostrEventId(key, event).toHex(), event.id, source);
    assert.ok(verifyBip340(key, hex(event.id), hex(event.sig)), source);
    assert.deepEqual(nostrEvent(key, event, hex(event.sig)), event, source);
    assert.ok(verifyEvent(event as NostrEvent), source);
  }
});

Deno.test("npubOf() gives NIP-19's two examples, and what nostr-tools reads back", () => {
  const other = hex("7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e");
  assert.equal(npubOf(publicKey), "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6");
  assert.equal(npubOf(other), "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg");
  fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
    assert.equal(npubOf(key), npubEncode(key.toHex()));
    assert.deepEqual(decode(npubOf(key)), { type: "npub", data: key.toHex() });
  }));
});

Deno.test("nostrEventId() is nostr-tools' hash of any event that it does not refuse", () => {
  const text = fc.string({ unit: "binary" }).filter((s) =>
    [...s].every((c) => c >= " " || "\b\t\n\f\r".includes(c))
  );
  const any = fc.record({
    created_at: fc.nat(),
    kind: fc.nat(65_535),
    tags: fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
    content: fc.oneof(text, fc.constantFrom('\n\r\t\b\f"\\', "\u2028\u2029", "\u007f", "😀é漢", "</script>")),
  });
  fc.assert(fc.property(any, (event) => {
    assert.equal(
      nostrEventId(publicKey, event).toHex(),
      getEventHash({ ...event, pubkey: publicKey.toHex() }),
    );
  }));
});

Deno.test("nostrEventId() is another for every other field", () => {
  const others: Partial<NostrEventTemplate>[] = [
    { created_at: 1 },
    { kind: 2 },
    { tags: [] },
    { tags: [["t"], ["quorate"]] },
    { content: "" },
  ];
  const ids = [event, ...others.map((other) => ({ ...event, ...other }))]
    .map((event) => nostrEventId(publicKey, event).toHex());
  ids.push(nostrEventId(publicKey.with(0, 1), event).toHex());
  assert.equal(new Set(ids).size, 7);
});

Deno.test("npubOf() and events take a compressed key of either parity for its x", () => {
  for (const parity of [2, 3]) {
    const compressed = Uint8Array.of(parity, ...publicKey);
    assert.equal(npubOf(compressed), npubOf(publicKey));
    assert.deepEqual(nostrEventMessage(compressed, event), nostrEventMessage(publicKey, event));
    for (const { event: { sig, ...printedEvent } } of printed) {
      const key = Uint8Array.of(parity, ...hex(printedEvent.pubkey));
      const { id, pubkey } = nostrEvent(key, printedEvent, hex(sig));
      assert.deepEqual([id, pubkey], [printedEvent.id, printedEvent.pubkey]);
    }
  }
});

Deno.test("nostrEvent() refuses a signature of another event, of another key, and bytes that are none", () => {
  const [{ event: one }, { event: two }] = printed as [typeof printed[0], typeof printed[0]];
  const signature = hex(one.sig);
  const wrong: [string, NostrEventTemplate, Uint8Array][] = [
    [one.pubkey, { ...one, content: `${one.content}.` }, signature],
    [one.pubkey, two, signature],
    [two.pubkey, one, signature],
    [one.pubkey, one, signature.with(63, signature[63]! ^ 1)],
    [one.pubkey, one, signature.subarray(1)],
    [one.pubkey, one, new Uint8Array()],
  ];
  for (const [key, template, bytes] of wrong) {
    assert.throws(() => nostrEvent(hex(key), template, bytes), { name: "InputError", field: "signature" });
  }
});

Deno.test("nostrEventId() and npubOf() name the field that they refuse, and what was found", () => {
  const refused: [Record<string, unknown>, field: string, found: RegExp][] = [
    [{ created_at: -1 }, "created_at", /found -1/],
    [{ created_at: 1.5 }, "created_at", /found 1\.5/],
    [{ created_at: 2 ** 53 }, "created_at", /found 9007199254740992/],
    [{ created_at: "now" }, "created_at", /found now/],
    [{ kind: 65_536 }, "kind", /found 65536/],
    [{ kind: -1 }, "kind", /found -1/],
    [{ kind: 0.5 }, "kind", /found 0\.5/],
    [{ tags: "t" }, "tags", /found string/],
    [{ tags: [["a"], "t"] }, "tags[1]", /list/],
    [{ tags: [[]] }, "tags[0]", /at least one/],
    [{ tags: [["a", 7]] }, "tags[0]", /found number/],
    [{ tags: [["a", "\u0000"]] }, "tags[0]", /U\+0000/],
    [{ content: null }, "content", /found object/],
    [{ content: "a\u0001" }, "content", /U\+0001/],
    [{ content: "a\u000b" }, "content", /U\+000B/],
    [{ content: "a\u001f" }, "content", /U\+001F/],
    [{ content: "\ud83d" }, "content", /surrogate/],
  ];
  for (const [change, field, found] of refused) {
    assert.throws(
      () => nostrEventId(publicKey, { ...event, ...change } as NostrEventTemplate),
      (error) => error instanceof InputError && error.field === field && found.test(error.message),
      JSON.stringify(change),
    );
  }
  for (const length of [0, 31, 33]) {
    const named = (error: unknown) => error instanceof InputError && error.field === "publicKey";
    assert.throws(() => npubOf(new Uint8Array(length)), named);
    assert.throws(() => nostrEventId(new Uint8Array(length), event), named);
  }
});
