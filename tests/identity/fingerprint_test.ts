import assert from "node:assert/strict";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { hash } from "../../src/crypto/codec.ts";
import { fingerprint } from "../../src/identity/fingerprint.ts";
import { peerIdOf } from "../../src/identity/peer_key.ts";

const peers = Array.from({ length: 200 }, (_, i) => peerIdOf(new Uint8Array(32).fill(i)));

Deno.test("fingerprint() is the first 44 bits of a tagged hash of the peer id, eleven to a word", () => {
  for (const peer of peers) {
    const bits = [...hash("quorate/1/fingerprint", peer)].map((byte) => byte.toString(2).padStart(8, "0"))
      .join("");
    const words = [0, 11, 22, 33].map((at) => wordlist[parseInt(bits.slice(at, at + 11), 2)]);
    assert.deepEqual(fingerprint(peer), words);
  }
});

Deno.test("fingerprint() never changes, and two peers do not share one", () => {
  assert.deepEqual(fingerprint("12D3KooWAbc"), ["violin", "concert", "sponsor", "minute"]);
  assert.equal(new Set(peers.map((peer) => fingerprint(peer).join(" "))).size, peers.length);
  assert.equal(new Set(peers.flatMap((peer) => fingerprint(peer))).size > 600, true, "all places vary");
});
