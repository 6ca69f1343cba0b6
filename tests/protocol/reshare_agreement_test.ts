import assert from "node:assert/strict";
import { maxFirstRound } from "../../src/limits.ts";
import type { PeerId } from "../../src/failure.ts";
import { hashOfDealing, resharings } from "../../src/protocol/deal_messages.ts";
import {
  type Dealing,
  generation,
  type HeldKey,
  type Resharing,
  resharing,
} from "../../src/protocol/dealing.ts";
import { schemeIds } from "../../src/schemes/schemes.ts";
import { makeKey, party } from "./keys.ts";
import { accept, slot } from "./local_net.ts";
import { reshareAll } from "./reshares.ts";

const recipients = ["alice", "bob", "carol", "dave"];
/** All members of epoch e stay, so that any t of them may deal to the same party. */
const peers = { dealers: ["alice", "bob"], recipients, threshold: 2, gone: [] };
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** Other views of one resharing that a peer could take part in: each is a dealing of some key, to the same party. */
function otherViews(key: HeldKey, another: HeldKey): ReadonlyMap<string, Dealing> {
  const [first, second] = key.verifyingShares;
  const other = (key: HeldKey, changed: Partial<Resharing> = {}) => resharing(key, { ...peers, ...changed });
  return new Map([
    ["another key", other({ ...another, chainCode: key.chainCode })],
    ["chain code", other({ ...key, chainCode: flip(key.chainCode) })],
    ["epoch", other({ ...key, epoch: key.epoch + 1 })],
    ["threshold of e", other({ ...key, threshold: 3 }, { dealers: party })],
    ["members of e", other({ ...key, members: ["alice", "bob", "zoe"] }, { gone: ["zoe"] })],
    [
      "number of members of e",
      other({ ...key, members: party.slice(0, 2), verifyingShares: [first!, second!] }),
    ],
    ["verifying shares of e", other({ ...key, verifyingShares: [first!, second!, first!] })],
    ["dealers", other(key, { dealers: ["alice", "carol"] })],
    ["order of the dealers", other(key, { dealers: ["bob", "alice"] })],
    ["order of the recipients", other(key, { recipients: ["bob", "alice", "carol", "dave"] })],
    ["number of recipients", other(key, { recipients: ["bob", "carol", "dave"] })],
    ["threshold of e+1", other(key, { threshold: 3 })],
  ]);
}

/** The failure of an honest peer if another lies: whoever has signed epoch e knows that there is no second one. */
const foundBy = (by: PeerId, liar: PeerId) => {
  const found = party.includes(by)
    ? { code: "invalid-confirmation", culprits: [liar] }
    : { code: "session-mismatch", culprits: [] };
  return { ...found, missing: [] };
};

for (const scheme of schemeIds) {
  Deno.test(`nobody reveals in a resharing that one peer sees otherwise, and the members of epoch e name it, for ${scheme}`, async () => {
    const made = await makeKey({ scheme });
    const another = await makeKey({ scheme, seed: "another" });
    for (const [field, dealing] of otherViews(made.key, another.key)) {
      // Alice has a share that fits: she deals, or dave receives.
      const shares = field !== "another key";
      for (const peer of shares ? ["alice", "dave"] : ["dave"]) {
        const ran = await reshareAll({ made, ...peers, dealings: new Map([[peer, dealing]]) });
        for (const [by, { failed }] of ran.endings) {
          if (by === peer) assert.ok(failed, `${field} at ${peer}`); // no honest peer is in its place
          else assert.deepEqual({ by, ...failed }, { by, ...foundBy(by, peer) }, `${field} at ${peer}`);
        }
        const sent = [...ran.sent.keys()].filter((name) => !name.startsWith(`${accept}: `));
        assert.deepEqual(sent, [], `${field} at ${peer}`);
      }
    }
  });

  Deno.test(`a first round that lies about the resharing stops it, and who has signed epoch e names its author, for ${scheme}`, async () => {
    const made = await makeKey({ scheme });
    const { firstRound } = resharings[scheme];
    for (const liar of ["bob", "dave"] as PeerId[]) {
      const ran = await reshareAll({
        made,
        ...peers,
        tamper: ({ from, round, bytes }) =>
          from === liar && round === accept
            ? firstRound.encode({ ...firstRound.decode(bytes), dealing: new Uint8Array(32) })
            : bytes,
      });
      for (const [peer, { failed }] of ran.endings) {
        if (peer !== liar) assert.deepEqual({ ...failed }, foundBy(peer, liar), peer);
      }
    }
  });
}

Deno.test("peers that cheating members of epoch e have shown two keys do not blame each other", async () => {
  const made = await makeKey();
  const shown = (await makeKey({ seed: "another" })).key;
  const next = { dealers: ["alice", "bob"], recipients: ["dave", "erin"], threshold: 2, gone: [] };
  const ran = await reshareAll({ made, ...next, dealings: new Map([["erin", resharing(shown, next)]]) });
  for (const peer of next.recipients) {
    const { failed } = ran.endings.get(peer)!;
    assert.deepEqual({ ...failed }, { code: "session-mismatch", culprits: [], missing: [] }, peer);
  }
});

Deno.test("all who lie about a resharing are named at once", async () => {
  const made = await makeKey();
  const { firstRound } = resharings.ed25519;
  const liars = ["bob", "dave"];
  const ran = await reshareAll({
    made,
    ...peers,
    tamper: ({ from, round, bytes }) =>
      liars.includes(from) && round === accept
        ? firstRound.encode({ ...firstRound.decode(bytes), dealing: new Uint8Array(32).fill(9) })
        : bytes,
  });
  for (const peer of ["alice", "carol"]) {
    assert.deepEqual(ran.endings.get(peer)!.failed?.culprits, liars, peer);
  }
});

Deno.test("a resharing's first round fits into an accept, with the promise of a dealer and without", async () => {
  const made = await makeKey();
  const { sent } = await reshareAll({ made, ...peers });
  for (const peer of recipients) assert.ok(sent.get(slot(accept, peer, "*"))!.length <= maxFirstRound, peer);
});

Deno.test("hashOfDealing() is of one scheme and one public key; a generation has none", async () => {
  const { key } = await makeKey();
  const dealing = resharing(key, peers);
  const of = hashOfDealing("ecdsa", dealing)!;
  assert.equal(of.length, 32);
  assert.deepEqual(hashOfDealing("ecdsa", resharing({ ...key }, peers)), of);
  assert.notDeepEqual(hashOfDealing("bip340", dealing), of);
  assert.notDeepEqual(
    hashOfDealing("ecdsa", resharing({ ...key, publicKey: flip(key.publicKey) }, peers)),
    of,
  );
  assert.notDeepEqual(hashOfDealing("ecdsa", { ...dealing, gone: ["zoe"] }), of);
  assert.equal(hashOfDealing("ecdsa", generation(party, 2)), null);
});
