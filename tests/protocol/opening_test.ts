import fc from "fast-check";
import assert from "node:assert/strict";
import { proveDlog } from "../../src/crypto/dlog_proof.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import type { Envelope } from "../../src/ports.ts";
import { type DealtKey, drawKey } from "../../src/protocol/deal.ts";
import { type DealingSuite, dealingSuites } from "../../src/protocol/deal_messages.ts";
import { type Dealing, generation, resharing } from "../../src/protocol/dealing.ts";
import { drawEcdsaKey } from "../../src/protocol/setup_ecdsa.ts";
import { dealingEcdsa } from "../../src/protocol/setup_ecdsa_messages.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { altered } from "../worker/local_io.ts";
import { diffieHellman } from "./ecdsa_keys.ts";
import { attempt, party, seeded, session } from "./keys.ts";
import { carolsResharing, weighted } from "./reshares.ts";
import { directShown, runShown, type ShownEnding, type ShownRun } from "./shown_net.ts";

type OnWire = ShownRun<Record<never, never>, unknown>["onWire"];
type Endings = ReadonlyMap<PeerId, ShownEnding<DealtKey>>;

const options = await carolsResharing("ed25519");
const carols = resharing(options.made.key, options);

/** Deals over the real net; bob is the cheat, carol an honest dealer, dave and erin only receive. */
function dealShown(dealing: Dealing, onWire: OnWire): Promise<Endings> {
  const suite: DealingSuite = dealingSuites[dealing.act].ed25519;
  const shareOf = (self: PeerId) =>
    dealing.act === "reshare" && dealing.dealers.includes(self) ? options.made.shares.get(self)! : null;
  const drawn = new Map(dealing.party.map((self) => {
    const task = { suite, dealing, attempt, self, share: shareOf(self), random: seeded(`open ${self}`) };
    return [self, drawKey(task)];
  }));
  const firstRound = new Map([...drawn].map(([peer, { firstRound }]) => [peer, firstRound]));
  return runShown({
    rounds: suite.rounds,
    party: dealing.party,
    protocol: (net) => drawn.get(net.self)!.run(net, { session, firstRound, random: seeded(net.self) }),
    onWire: onWire!,
  });
}
const reshareShown = (onWire: OnWire) => dealShown(carols, onWire);
const { deal, reveal } = dealingSuites.reshare.ed25519.rounds;

const bobsDeal = (to: PeerId, change: (body: Uint8Array) => Uint8Array): OnWire => (envelope, at) =>
  envelope.from === "bob" && envelope.round === "deal" && at === to
    ? { ...envelope, body: change(envelope.body) }
    : envelope;
/** Another payload under the same echo. */
const payload = (body: Uint8Array, payload: Uint8Array) =>
  messageRecord.encode({ payload, echo: messageRecord.decode(body).echo });
const shareIn = ({ body }: Envelope) => deal.codec.decode(messageRecord.decode(body).payload)!.share;

function assertNames(endings: Endings, by: readonly PeerId[], code: FailureCode): void {
  for (const peer of by) {
    const { error } = endings.get(peer)!;
    assert.deepEqual({ by: peer, code: error?.code, culprits: error?.culprits }, {
      by: peer,
      code,
      culprits: ["bob"],
    });
  }
}
/** The victim names bob; nobody has anything direct to show, and so the others name nobody. */
function assertKeptSecret(endings: Endings, victim: PeerId, code: FailureCode): void {
  assertNames(endings, [victim], code);
  assert.deepEqual(directShown(endings), []);
  for (const [peer, { error }] of endings) if (peer !== victim) assert.deepEqual(error?.culprits, [], peer);
}

Deno.test("a wrong dealt share is opened, alone, and everyone names its dealer", async () => {
  const wrong = deal.codec.encode({ share: 5n });
  const endings = await reshareShown(bobsDeal("dave", (body) => payload(body, wrong)));
  assertNames(endings, ["carol", "dave", "erin"], "invalid-dealt-share");
  for (const envelope of directShown(endings)) {
    assert.deepEqual([envelope.from, envelope.to, shareIn(envelope)], ["bob", "dave", 5n]);
  }
  assert.equal(directShown(new Map([["dave", endings.get("dave")!]])).length, 1);
});

Deno.test("a right share that a liar opens accuses nobody, early or late", async () => {
  for (const round of ["deal", "confirm"]) {
    let opened: Envelope | null = null;
    const endings = await reshareShown((envelope, to, { show }) => {
      if (envelope.from === "carol" && envelope.round === "deal" && to === "erin") opened = envelope;
      if (envelope.from === "erin" && envelope.round === round && opened) show(opened);
      return envelope;
    });
    assert.ok(opened, "it was opened");
    for (const [peer, { error }] of endings) assert.equal(error, undefined, `${peer} in ${round}`);
  }
});

Deno.test("a direct message that another opens for any other reason is not looked at", async () => {
  const empty = deal.codec.encode(null);
  for (const junk of [new Uint8Array(), empty, reveal.codec.encode(null)]) {
    const endings = await reshareShown((envelope, to, { show }) => {
      if (envelope.from === "carol" && envelope.round === "deal" && to === "erin") {
        show({ ...envelope, body: payload(envelope.body, junk) });
      }
      return envelope;
    });
    for (const [peer, { error }] of endings) assert.equal(error, undefined, peer);
  }
});

Deno.test("nothing is opened for malformed-message: bytes that do not decode, a share that is not due, or none", async () => {
  const filled = deal.codec.encode({ share: 5n }), empty = deal.codec.encode(null);
  for (const junk of [null, new Uint8Array(), empty]) {
    const cheat = bobsDeal("dave", (body) => junk ? payload(body, junk) : new Uint8Array());
    assertKeptSecret(await reshareShown(cheat), "dave", "malformed-message");
  }
  // The cheat has signed this one for all.
  const toAll: OnWire = (envelope, to) =>
    envelope.from === "bob" && envelope.round === "deal" && to === "dave"
      ? { ...envelope, to: "*" }
      : envelope;
  assertNames(await reshareShown(toAll), ["dave"], "malformed-message");
  const dealing = resharing(options.made.key, { ...options, dealers: ["alice", "bob"], gone: [] });
  const leaving = await dealShown(
    dealing,
    (envelope, to) =>
      envelope.from === "bob" && envelope.round === "deal" && to === "alice"
        ? { ...envelope, body: payload(envelope.body, filled) }
        : envelope,
  );
  assertKeptSecret(leaving, "alice", "malformed-message");
});

Deno.test("nothing is opened for a false echo in a dealt share", async () => {
  const endings = await reshareShown(bobsDeal("dave", (body) => {
    const { payload, echo } = messageRecord.decode(body);
    const false_ = echo.map((entry) => entry.map((byte) => byte ^ 1));
    return messageRecord.encode({ payload, echo: false_ });
  }));
  assertKeptSecret(endings, "dave", "malformed-message");
});

Deno.test("nothing is opened for unexpected-round", async () => {
  for (const round of ["offer", "constructor"]) {
    const endings = await reshareShown((envelope, to) =>
      envelope.from === "bob" && envelope.round === "deal" && to === "dave"
        ? { ...envelope, round }
        : envelope
    );
    assertKeptSecret(endings, "dave", "unexpected-round");
  }
  // A share that comes before this peer has begun to reveal is early by a round.
  const early = await reshareShown((envelope, to, { put }) => {
    if (envelope.from === "bob" && envelope.round === "reveal" && to === "erin") {
      put({ ...envelope, round: "confirm", to: "erin" }, "erin");
    }
    return envelope;
  });
  assertKeptSecret(early, "erin", "unexpected-round");
});

Deno.test("nothing is opened for equivocation: two shares for one recipient", async () => {
  for (const second of [5n, null]) {
    const endings = await reshareShown((envelope, to, { put }) => {
      if (envelope.from === "bob" && envelope.round === "deal" && to === "dave") {
        const other = deal.codec.encode(second === null ? null : { share: second });
        put(envelope, to);
        return { ...envelope, body: payload(envelope.body, other) };
      }
      return envelope;
    });
    assertKeptSecret(endings, "dave", "equivocation");
  }
});

/** A second reveal of bob's that is right in all: another proof of the same secret. */
function anotherReveal(body: Uint8Array): Uint8Array {
  const { group } = dealingSuites.reshare.ed25519;
  const opened = reveal.codec.decode(messageRecord.decode(body).payload)!;
  const proof = proveDlog(group, {
    secret: weighted(options, "bob"),
    statement: opened.polynomial[0]!,
    context: { scheme: "ed25519", session, identifier: 1 },
    random: seeded("another proof"),
  });
  return payload(body, reveal.codec.encode({ ...opened, proof }));
}

Deno.test("two stories of a dealer are equivocation at everyone, and with them no share is opened, not even a wrong one", async () => {
  for (const wrongShareToo of [false, true]) {
    const endings = await reshareShown((envelope, to) => {
      if (envelope.from !== "bob") return envelope;
      if (envelope.round === "reveal" && to === "dave") {
        return { ...envelope, body: anotherReveal(envelope.body) };
      }
      if (wrongShareToo && envelope.round === "deal" && to === "dave") {
        return { ...envelope, body: payload(envelope.body, deal.codec.encode({ share: 5n })) };
      }
      return envelope;
    });
    assertNames(endings, ["carol", "dave", "erin"], "equivocation");
    assert.deepEqual(directShown(endings), []);
  }
});

Deno.test("a witness compares the echoes that have come before it judges what another opens", async () => {
  let opened: Envelope | null = null, echoing: Envelope | null = null;
  const endings = await reshareShown((envelope, to, { put, show }) => {
    const { from, round, body } = envelope;
    if (from === "bob" && round === "reveal" && to === "dave") {
      return { ...envelope, body: anotherReveal(body) };
    }
    if (round !== "deal") return envelope;
    const wrong = { ...envelope, body: payload(body, deal.codec.encode({ share: 5n })) };
    if (from === "bob" && to === "erin") opened = wrong;
    else if (from === "carol" && to === "dave") echoing = envelope;
    else return envelope;
    if (opened && echoing) {
      // Carol's echo shows the two reveals; right behind it, erin opens.
      put(echoing, "dave");
      show(opened);
    }
    return from === "bob" ? wrong : null;
  });
  assertNames(endings, ["dave"], "equivocation");
});

Deno.test("whatever two cheats do to their messages, and open of others', no honest dealer's share is shown", async () => {
  const change = fc.record({
    from: fc.constantFrom("bob", "erin"),
    to: fc.constantFrom("bob", "carol", "dave", "erin"),
    round: fc.constantFrom("reveal", "deal", "confirm"),
    how: fc.constantFrom("flip", "round", "audience", "twice", "open"),
    into: fc.constantFrom("reveal", "deal", "confirm", "offer"),
    at: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const endings = await reshareShown((envelope, to, { show, put }) => {
        const { from, round, body } = envelope;
        if (from === "carol" && to === "erin" && changes.some(({ how }) => how === "open")) show(envelope);
        return changes.filter((c) => c.from === from && c.to === to && c.round === round)
          .reduce((sent, { how, into, at }) => {
            const flipped = body.with(at % body.length, body[at % body.length]! ^ 1);
            if (how === "twice") put({ ...sent, body: flipped }, to);
            if (how === "open") show(sent);
            if (how === "flip") return { ...sent, body: flipped };
            if (how === "round") return { ...sent, round: into };
            return how === "audience" ? { ...sent, to: sent.to === "*" ? to : "*" } : sent;
          }, envelope);
      });
      for (const { from, round } of directShown(endings)) {
        assert.ok(["bob", "erin"].includes(from), `${from}'s message of ${round} is shown`);
        assert.equal(round, "deal");
      }
      for (const [peer, { error }] of endings) {
        if (peer !== "carol" && peer !== "dave") continue;
        for (const culprit of error?.culprits ?? []) assert.ok(["bob", "erin"].includes(culprit), culprit);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("a party of more than sixteen deals, with echoes of everyone", async () => {
  const recipients = Array.from({ length: 16 }, (_, i) => `recipient ${i}`);
  const endings = await dealShown(
    resharing(options.made.key, { ...options, recipients }),
    (envelope) => envelope,
  );
  assert.equal(endings.size, 18);
  for (const [peer, { error }] of endings) assert.equal(error, undefined, peer);
});

Deno.test("a generation shows any wrong direct message, since nothing of it outlives its failure", async () => {
  const endings = await dealShown(
    generation(party, 2),
    (envelope, to) =>
      envelope.from === "bob" && envelope.round === "deal" && to === "carol"
        ? { ...envelope, body: new Uint8Array() }
        : envelope,
  );
  assertNames(endings, ["alice", "carol"], "malformed-message");
  assert.ok(directShown(endings).length > 0);
});

const ecdsa = { ...await carolsResharing("ecdsa"), recipients: ["carol", "dave"] };

/** Reshares an ECDSA key, with the set-up of pairs, over the real net. */
function ecdsaShown(onWire: OnWire) {
  const dealing = resharing(ecdsa.made.key, ecdsa);
  const drawn = new Map(dealing.party.map((self) => {
    const share = dealing.dealers.includes(self) ? ecdsa.made.shares.get(self)! : null;
    return [self, drawEcdsaKey({ dealing, attempt, self, share, random: seeded(`ecdsa ${self}`) })];
  }));
  const firstRound = new Map([...drawn].map(([peer, { firstRound }]) => [peer, firstRound]));
  return runShown({
    rounds: dealingEcdsa.reshare,
    party: dealing.party,
    protocol: (net) =>
      drawn.get(net.self)!.run(net, { session, firstRound, random: seeded(net.self), diffieHellman }),
    onWire: onWire!,
  });
}

Deno.test("nothing is opened in the set-up of pairs of a resharing", async () => {
  const { offer, choose } = dealingEcdsa.reshare;
  const at = { from: "bob", to: "dave" };
  const salted = { from: "carol", round: "choose", to: "dave" };
  const cheats: [PeerId, PeerId, FailureCode, OnWire][] = [
    // A filled message from a peer that holds no share, and an empty one from one that does.
    [
      "bob",
      "dave",
      "malformed-message",
      (envelope, to) =>
        altered({ ...at, round: "offer" }, offer.codec, () => ({
          offer: offerOf(),
          promise: new Uint8Array(32),
        }))(envelope, to),
    ],
    [
      "carol",
      "dave",
      "malformed-message",
      (envelope, to) =>
        altered({ from: "carol", round: "offer", to: "dave" }, offer.codec, () => null)(envelope, to),
    ],
    [
      "carol",
      "dave",
      "invalid-commitment",
      (envelope, to) =>
        altered(salted, choose.codec, (m) => ({ ...m!, salt: new Uint8Array(32) }))(envelope, to),
    ],
    [
      "carol",
      "dave",
      "malformed-message",
      (envelope, to) =>
        envelope.from === "carol" && envelope.round === "choose" && to === "dave"
          ? { ...envelope, body: new Uint8Array() }
          : envelope,
    ],
  ];
  for (const [cheater, victim, code, cheat] of cheats) {
    const endings = await ecdsaShown(cheat);
    const { error } = endings.get(victim)!;
    assert.deepEqual([error?.code, error?.culprits], [code, [cheater]]);
    assert.deepEqual(directShown(endings), []);
  }
});

/** A point of secp256k1. */
const offerOf = () => {
  const { group } = dealingSuites.reshare.ecdsa;
  return group.encodeElement(group.multiplyBase(7n));
};
