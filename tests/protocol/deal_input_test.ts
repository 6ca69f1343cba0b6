import assert from "node:assert/strict";
import { InputError } from "../../src/errors.ts";
import { drawKey } from "../../src/protocol/deal.ts";
import {
  type DealingRounds,
  dealingSuites,
  generating,
  resharings,
} from "../../src/protocol/deal_messages.ts";
import { type Dealing, generation, resharing } from "../../src/protocol/dealing.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Net } from "../../src/protocol/rounds.ts";
import { attempt, party, seeded, session } from "./keys.ts";
import { secretSchemes } from "../../src/schemes/secrets.ts";
import { accept, slot } from "./local_net.ts";
import { carolsResharing, reshareAll } from "./reshares.ts";

const ed25519 = await carolsResharing("ed25519");
const draw = (dealing: Dealing, self: PeerId, share: Uint8Array | null) =>
  drawKey({
    suite: dealingSuites[dealing.act].ed25519,
    dealing,
    attempt,
    self,
    share,
    random: seeded("draw"),
  });

/** Nothing is drawn: the error names this field. */
function assertRefused(field: string, dealing: Dealing, self = "carol", share?: Uint8Array | null): void {
  const own = dealing.dealers.includes(self) ? ed25519.made.shares.get(self) ?? null : null;
  assert.throws(() => draw(dealing, self, share === undefined ? own : share), (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.field, field);
    return true;
  });
}

Deno.test("drawKey() refuses dealers that are not exactly t different members of the key", () => {
  const { key } = ed25519.made;
  for (const dealers of [["carol"], ["alice", "bob", "carol"], ["carol", "carol"], ["carol", "dave"]]) {
    assertRefused("dealers", resharing(key, { ...ed25519, gone: [], dealers }));
  }
});

Deno.test("drawKey() refuses recipients and thresholds that make no key", () => {
  const { key } = ed25519.made;
  const many = Array.from({ length: 16 }, (_, i) => `peer ${i}`);
  for (const recipients of [["carol"], ["carol", "carol"], ["carol", ...many]]) {
    assertRefused("party", resharing(key, { ...ed25519, recipients }));
  }
  // F47
  for (const threshold of [0, 1, 4, 2.5, NaN]) {
    assertRefused("threshold", resharing(key, { ...ed25519, threshold }));
  }
});

Deno.test("drawKey() refuses a key whose verifying shares are not of its public key", () => {
  const { key } = ed25519.made;
  const verifyingShares = key.verifyingShares.toReversed();
  assertRefused("key", resharing({ ...key, verifyingShares }, ed25519));
  assertRefused("key", resharing({ ...key, verifyingShares: key.verifyingShares.slice(1) }, ed25519));
  assertRefused("members", resharing({ ...key, members: ["bob", "carol", "carol"] }, ed25519));
});

Deno.test("drawKey() refuses a share that is not the dealer's, and a share where none is dealt", () => {
  const dealing = resharing(ed25519.made.key, ed25519);
  const { shares } = ed25519.made;
  assertRefused("share", dealing, "carol", shares.get("bob")!);
  assertRefused("share", dealing, "carol", null);
  assertRefused("share", dealing, "dave", shares.get("bob")!);
  assertRefused("share", generation(party, 2), "carol", shares.get("carol")!);
  assertRefused("party", dealing, "alice", null);
  const suite = generating.ed25519;
  assert.throws(
    () => drawKey({ suite, dealing, attempt, self: "dave", share: null, random: seeded("") }),
    InputError,
  );
});

Deno.test("drawKey() refuses what is in no row of the table", () => {
  const dealing = resharing(ed25519.made.key, ed25519), made = generation(party, 2);
  // Live shares in rounds whose messages are shown as evidence, and fresh secrets in those of a resharing.
  assertRefused("act", { ...dealing, act: "generate" });
  assertRefused("act", { ...made, act: "reshare" }, "carol", null);
  for (const chainCode of [null, new Uint8Array(3), dealing.chainCode!.with(0, dealing.chainCode![0]! ^ 1)]) {
    assertRefused("chainCode", { ...dealing, chainCode });
  }
  const key = { ...ed25519.made.key, chainCode: new Uint8Array(3) };
  assertRefused("chainCode", resharing(key, ed25519));
  assertRefused("chainCode", { ...made, chainCode: new Uint8Array(32) }, "carol", null);
  for (const dealers of [["alice", "carol"], ["carol", "bob", "alice"], [...party, "dave"]]) {
    assertRefused("dealers", { ...made, dealers }, "carol", null);
  }
  for (
    const peers of [["bob", "carol", "dave"], ["carol", "bob", "dave", "erin"], [...dealing.party, "zoe"]]
  ) {
    assertRefused("party", { ...dealing, party: peers });
  }
  assertRefused("party", { ...made, party: [...party, "dave"] }, "carol", null);
});

Deno.test("drawKey() deals over no net of another party, and none of another peer", async () => {
  const dealing = resharing(ed25519.made.key, ed25519);
  const honest = await reshareAll({ ...ed25519 });
  const accepts = new Map(dealing.party.map((peer) => [peer, honest.sent.get(slot(accept, peer, "*"))!]));
  const { party } = dealing;
  const nets = [
    { self: "carol", party: party.toReversed() },
    { self: "carol", party: [...party, "zoe"] },
    { self: "carol", party: party.slice(0, 3) },
    { self: "bob", party },
  ];
  for (const { self, party } of nets) {
    const drawn = draw(dealing, "carol", ed25519.made.shares.get("carol")!);
    const exchange = () => Promise.reject(new Error("something was sent"));
    const firstRound = new Map(accepts).set("carol", drawn.firstRound);
    const running = drawn.run({ self, party, exchange }, { session, firstRound, random: seeded("run") });
    await assert.rejects(running, (error) => error instanceof InputError && error.field === "party");
  }
});

Deno.test("bip340's drawKey() deals no key with an odd y anew", async () => {
  const { made, ...peers } = await carolsResharing("bip340");
  const drawn = (publicKey: Uint8Array) =>
    secretSchemes.bip340.drawKey({
      dealing: resharing({ ...made.key, publicKey }, peers),
      attempt,
      self: "dave",
      share: null,
      random: seeded("odd"),
    });
  const { publicKey } = made.key;
  drawn(publicKey)[Symbol.dispose]();
  assert.throws(
    () => drawn(publicKey.with(0, 3)),
    (error) => error instanceof InputError && error.field === "key" && /even y/.test(error.message),
  );
});

Deno.test("drawKey() drops its polynomial at the end of a run that fails, and when it is disposed of", async () => {
  const dealing = resharing(ed25519.made.key, ed25519);
  const share = ed25519.made.shares.get("carol")!;
  const honest = await reshareAll({ ...ed25519 });
  const accepts = new Map(dealing.party.map((peer) => [peer, honest.sent.get(slot(accept, peer, "*"))!]));
  const disposed = draw(dealing, "carol", share), failing = draw(dealing, "carol", share);
  let dealt: ((to: PeerId) => unknown) | undefined;
  const net: Net<DealingRounds> = {
    self: "carol",
    party: dealing.party,
    exchange: (round, message) => {
      if (round === "deal") {
        dealt = message as typeof dealt;
        assert.ok(dealt!("dave"));
        return Promise.reject(new Error("stopped"));
      }
      const { codec } = resharings.ed25519.rounds.reveal;
      const reveals = dealing.party.map((peer) =>
        [
          peer,
          codec.decode(honest.sent.get(slot("reveal", peer, peer === "erin" ? "bob" : "erin"))!),
        ] as const
      );
      return Promise.resolve(new Map(reveals)) as never;
    },
  };
  const agreed = { session, firstRound: accepts.set("carol", failing.firstRound), random: seeded("run") };
  await assert.rejects(failing.run(net, agreed), /stopped/);
  assert.throws(() => dealt!("dave"), /it was dropped/);
  await assert.rejects(failing.run(net, agreed), /used before, or wiped/);
  disposed[Symbol.dispose]();
  await assert.rejects(disposed.run(net, agreed), /used before, or wiped/);
});
