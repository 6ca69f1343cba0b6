import fc from "fast-check";
import assert from "node:assert/strict";
import type { Group } from "../../src/crypto/group.ts";
import type { PeerId } from "../../src/failure.ts";
import { hashOfDealing, resharings } from "../../src/protocol/deal_messages.ts";
import { schemeIds } from "../../src/schemes/schemes.ts";
import { interpolate, makeKey, type TestKey } from "./keys.ts";
import { results } from "./local_net.ts";
import { carolsResharing, dealingOf, nextKey, reshareAll, reshared, subsets, weighted } from "./reshares.ts";

const people = ["alice", "bob", "carol", "dave", "erin", "frank", "grace"];

/** The public key of what these members' shares make together. */
function combined(group: Group, { key, shares }: TestKey, peers: readonly PeerId[]): Uint8Array {
  const points = peers.map((peer): [number, bigint] => [
    key.members.indexOf(peer) + 1,
    group.decodeScalar(shares.get(peer)!),
  ]);
  return group.encodeElement(group.multiplyBase(interpolate(group, new Map(points))));
}

/** The next epoch has the same key, which every quorum of it makes and nobody less. */
function assertFollows(group: Group, before: TestKey, after: TestKey): void {
  const { key, shares } = after;
  assert.deepEqual(key.publicKey, before.key.publicKey);
  assert.deepEqual(key.chainCode, before.key.chainCode);
  for (const [i, member] of key.members.entries()) {
    const verifying = group.multiplyBase(group.decodeScalar(shares.get(member)!));
    assert.deepEqual(group.encodeElement(verifying), key.verifyingShares[i]);
  }
  for (const quorum of subsets(key.members, key.threshold)) {
    assert.deepEqual(combined(group, after, quorum), key.publicKey, quorum.join());
  }
  const [fewer] = subsets(key.members, key.threshold - 1);
  assert.notDeepEqual(combined(group, after, fewer!), key.publicKey);
}

for (const scheme of schemeIds) {
  const { group } = resharings[scheme];

  Deno.test(`reshare refreshes 2-of-3: the same ${scheme} key, and no share as before`, async () => {
    const made = await makeKey({ scheme });
    const { members } = made.key;
    for (const dealers of subsets(members, 2)) {
      const after = await reshared({ made, dealers, recipients: members, threshold: 2 });
      assertFollows(group, made, after);
      for (const member of members) assert.notDeepEqual(after.shares.get(member), made.shares.get(member));
    }
  });

  Deno.test(`reshare replaces a lost share of a ${scheme} key, at its place or at another`, async () => {
    const made = await makeKey({ scheme });
    for (
      const recipients of [["alice", "bob", "carol"], ["alice", "bob", "dave"], ["aaron", "alice", "bob"]]
    ) {
      const after = await reshared({ made, dealers: ["alice", "bob"], recipients, threshold: 2 });
      assertFollows(group, made, after);
    }
  });

  Deno.test(`reshare gives a ${scheme} key to other members, who know nothing of the old shares`, async () => {
    const made = await makeKey({ scheme });
    const options = {
      made,
      dealers: ["alice", "carol"],
      recipients: ["dave", "erin", "frank"],
      threshold: 2,
    };
    const ran = await reshareAll(options);
    assertFollows(group, made, nextKey(options, ran));
    for (const dealer of options.dealers) assert.equal(ran.endings.get(dealer)!.result!.share, null);
  });

  Deno.test(`reshare of a ${scheme} key between any sets and thresholds`, async () => {
    const sharing = fc.tuple(fc.shuffledSubarray(people, { minLength: 2, maxLength: 5 }), fc.nat())
      .map(([members, pick]) => ({ members, threshold: 2 + (pick % (members.length - 1)) }));
    await fc.assert(
      fc.asyncProperty(sharing, sharing, fc.integer(), async (from, to, pick) => {
        const made = await makeKey({ scheme, ...from });
        const quorums = subsets(from.members, from.threshold);
        const dealers = quorums[Math.abs(pick) % quorums.length]!;
        const options = { made, dealers, recipients: to.members, threshold: to.threshold };
        assertFollows(group, made, await reshared(options));
      }),
      { numRuns: 12 },
    );
  });

  Deno.test(`reshare ten times: the ${scheme} key stays, and shares of two epochs do not combine`, async () => {
    let made = await makeKey({ scheme });
    const first = made.key;
    for (let epoch = 1; epoch <= 10; epoch++) {
      const { members, threshold } = made.key;
      const dealers = subsets(members, threshold)[epoch % 2]!;
      const recipients = [0, 1, 2, 3].slice(0, 3 + (epoch % 2)).map((k) =>
        people[(epoch + k) % people.length]!
      );
      const after = await reshared({
        made,
        dealers,
        recipients,
        threshold: 2 + (epoch % 2),
        seed: `${epoch}`,
      });
      assertFollows(group, made, after);
      assertMixed(group, made, after);
      made = after;
    }
    assert.equal(made.key.epoch, 10);
    assert.deepEqual([made.key.publicKey, made.key.chainCode], [first.publicKey, first.chainCode]);
  });
}

/** A quorum of new shares, one of which is replaced by that member's share of the epoch before, makes no key. */
function assertMixed(group: Group, before: TestKey, after: TestKey): void {
  const { members, threshold } = after.key;
  const staying = members.filter((peer) => before.key.members.includes(peer));
  assert.ok(staying.length > 0);
  for (const peer of staying) {
    const shares = new Map(after.shares).set(peer, before.shares.get(peer)!);
    const quorum = [peer, ...members.filter((other) => other !== peer)].slice(0, threshold);
    assert.notDeepEqual(combined(group, { ...after, shares }, quorum), after.key.publicKey);
  }
}

Deno.test("reshare runs for a party of 32: sixteen deal to sixteen others", async () => {
  const [old, next] = ["old", "new"].map((name) => Array.from({ length: 16 }, (_, i) => `${name} ${i}`));
  const made = await makeKey({ members: old!, threshold: 16 });
  const ran = await reshareAll({ made, dealers: old!, recipients: next!, threshold: 3 });
  assert.equal(results(ran).length, 32);
  assert.deepEqual(ran.endings.get("old 3")!.result!.publicKey, made.key.publicKey);
});

Deno.test("reshare only reads a dealer's share, and draws nothing at a peer that only receives", async () => {
  const options = await carolsResharing("ed25519");
  const shares = new Map([...options.made.shares].map(([peer, share]) => [peer, share.slice()]));
  const ran = await reshareAll(options);
  assert.deepEqual(options.made.shares, shares);
  const dealing = dealingOf(options);
  assert.deepEqual(dealing.party, ["bob", "carol", "dave", "erin"]);
  const { firstRound, rounds } = resharings.ed25519;
  const agreed = hashOfDealing("ed25519", dealing)!;
  const empty = {
    accept: firstRound.encode({ promise: null, dealing: agreed }),
    reveal: rounds.reveal.codec.encode(null),
  };
  for (const peer of ["dave", "erin"]) {
    assert.deepEqual(ran.sent.get(`accept: ${peer} → *`), empty.accept);
    assert.deepEqual(ran.sent.get(`reveal: ${peer} → bob`), empty.reveal);
  }
  assert.ok(empty.accept.length <= 128);
});

// F50
Deno.test("reshare sends no share of either epoch, and no weighted one: only what is dealt, to whom it is dealt", async () => {
  for (const scheme of schemeIds) {
    const options = await carolsResharing(scheme);
    const { group, rounds: { deal } } = resharings[scheme];
    const ran = await reshareAll(options);
    const after = nextKey(options, ran);
    const weights = options.dealers.map((dealer) => group.encodeScalar(weighted(options, dealer)));
    const secrets = [...options.made.shares.values(), ...after.shares.values(), ...weights];
    const dealt = new Set<string>();
    for (const [name, bytes] of ran.sent) {
      const hex = bytes.toHex();
      for (const secret of secrets) assert.ok(!hex.includes(secret.toHex()), name);
      const message = name.startsWith("deal: ") ? deal.codec.decode(bytes) : null;
      if (message) dealt.add(group.encodeScalar(message.share).toHex());
    }
    assert.equal(dealt.size, 5, "two dealers to three recipients, but for carol's own");
    for (const [name, bytes] of ran.sent) {
      const shows = [...dealt].some((share) => bytes.toHex().includes(share));
      assert.equal(shows, name.startsWith("deal: ") && deal.codec.decode(bytes) !== null, name);
    }
  }
});
