import { decode } from "cborg";
import assert from "node:assert/strict";
import type { Scheme } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { SessionError } from "../../src/errors.ts";
import { platformClock } from "../../src/platform/platform.ts";
import type { PublicKeyPackage } from "../../src/ports.ts";
import { type Dealing, generation, resharing } from "../../src/protocol/dealing.ts";
import { type DealtEcdsaKey, drawEcdsaKey, setupEcdsa } from "../../src/protocol/setup_ecdsa.ts";
import { dealingEcdsa, pairSetup, settingUpHolders } from "../../src/protocol/setup_ecdsa_messages.ts";
import type { Drawn, ProtocolRun } from "../../src/schemes/secret_scheme.ts";
import { schemeIds, schemes } from "../../src/schemes/schemes.ts";
import { secretSchemes } from "../../src/schemes/secrets.ts";
import { openNet } from "../../src/session/net.ts";
import { localIos } from "../worker/local_io.ts";
import { diffieHellman } from "./ecdsa_keys.ts";
import { attempt, seeded, session } from "./keys.ts";
import { type Ran, results, runAll, runDrawn, slot } from "./local_net.ts";
import { assertNamed, carolsResharing, subsets } from "./reshares.ts";

/** What a member has of a key. */
interface Holding {
  share: Uint8Array;
  pairs: ReadonlyMap<PeerId, Disposable>;
}
/** One epoch of a key, at everyone. */
interface Epoch {
  key: PublicKeyPackage;
  holdings: ReadonlyMap<PeerId, Holding>;
}

/** Draws at everyone in the party, and runs over the session's net with all of the scheme's own wiring. */
async function together<Result, Input extends object>(
  party: readonly PeerId[],
  draw: (self: PeerId) => Drawn<Result, never>,
  inputOf: (self: PeerId) => Input,
): Promise<ReadonlyMap<PeerId, Result>> {
  const drawn = new Map(party.map((self) => [self, draw(self)]));
  const firstRound = new Map([...drawn].map(([peer, { firstRound }]) => [peer, firstRound]));
  const ios = localIos(party, session);
  return new Map(
    await Promise.all(party.map(async (self): Promise<[PeerId, Result]> => {
      const net = { session, self, party, roundMs: 20_000, clock: platformClock };
      const run: ProtocolRun = {
        open: (rounds) => openNet(rounds, ios.get(self)!, net),
        random: seeded(`run ${self}`),
        diffieHellman,
        pause: () => Promise.resolve(),
        report() {},
        ban: () => Promise.resolve(),
      };
      try {
        return [self, await drawn.get(self)!.run(run, { session, firstRound, ...inputOf(self) } as never)];
      } catch (error) {
        for (const { aborting } of ios.values()) aborting.abort(error);
        throw error;
      }
    })),
  );
}

/** Makes a key, or deals one anew. */
async function deal(scheme: Scheme, dealing: Dealing, before?: Epoch): Promise<Epoch> {
  const { threshold, recipients: members } = dealing;
  const made = await together(dealing.party, (self) => {
    const share = before && dealing.dealers.includes(self) ? before.holdings.get(self)!.share : null;
    const random = seeded(`epoch ${(before?.key.epoch ?? -1) + 1} ${self}`);
    return secretSchemes[scheme].drawKey({ attempt, self, dealing, share, random });
  }, () => ({}));
  const { publicKey, chainCode, verifyingShares } = made.get(members[0]!)!;
  const epoch = (before?.key.epoch ?? -1) + 1;
  const common = { wallet: "treasury", scheme, epoch, threshold, members };
  return {
    key: { ...common, publicKey, chainCode, verifyingShares },
    holdings: new Map(members.map((peer) => {
      const { share, pairs } = made.get(peer)!;
      return [peer, { share: share!, pairs }];
    })),
  };
}

const path = [7];
const input = { message: new TextEncoder().encode("the same address") };

/** Signs with the child m/7, and verifies under that child of the first epoch's key. */
async function sign({ key, holdings }: Epoch, signers: readonly PeerId[], first: PublicKeyPackage) {
  const scheme = schemes[key.scheme];
  const fields = scheme.fieldsOf(input as never);
  const payload = scheme.payloadOf(fields);
  const { options } = fields;
  const signatures = await together(
    signers,
    (self) =>
      secretSchemes[key.scheme].drawSignatures({
        attempt,
        self,
        party: signers,
        key,
        share: holdings.get(self)!.share.slice(),
        items: [{ path, options, payload }],
        random: seeded(`sign ${key.epoch} ${self}`),
      }),
    (self) => ({
      pairs: new Map([...holdings.get(self)!.pairs].filter(([peer]) => signers.includes(peer))),
    }),
  );
  for (const [signature] of signatures.values()) {
    assert.ok(scheme.verify(scheme.signingKeyOf(first, { path, options }), payload, signature!));
  }
}

const people = ["alice", "bob", "carol", "dave", "erin"];

for (const scheme of schemeIds) {
  Deno.test(`${scheme}: after each of ten resharings every quorum signs, for the same key and the same child`, async () => {
    const first = await deal(scheme, generation(people.slice(0, 3), 2));
    const childOf = ({ key }: Epoch) => schemes[scheme].childOf(key, path);
    let epoch = first;
    for (let number = 1; number <= 10; number++) {
      const { members } = epoch.key;
      const quorums = subsets(members, epoch.key.threshold);
      const dealers = quorums[number % quorums.length]!;
      // A pair of ECDSA takes a second to set up: two members do, but for two epochs.
      const size = scheme === "ecdsa" && number % 5 !== 0 ? 2 : 3;
      const places = [number, number + 1, number + 2].slice(0, size);
      const recipients = places.map((place) => people[place % people.length]!).sort();
      const before = epoch;
      const threshold = number === 5 ? 3 : 2;
      const dealing = resharing(before.key, { dealers, recipients, threshold, gone: [] });
      epoch = await deal(scheme, dealing, before);
      assert.deepEqual(epoch.key.publicKey, first.key.publicKey);
      assert.deepEqual(epoch.key.chainCode, first.key.chainCode);
      assert.deepEqual(childOf(epoch).publicKey, childOf(first).publicKey);
      for (const quorum of subsets(recipients, epoch.key.threshold)) await sign(epoch, quorum, first.key);
      const staying = recipients.find((peer) => members.includes(peer))!;
      const holdings = new Map(epoch.holdings).set(staying, {
        ...epoch.holdings.get(staying)!,
        share: before.holdings.get(staying)!.share,
      });
      const others = recipients.filter((peer) => peer !== staying).slice(0, epoch.key.threshold - 1);
      await assert.rejects(
        sign({ ...epoch, holdings }, [staying, ...others].sort(), first.key),
        SessionError,
      );
    }
  });
}

// The pairs of an ECDSA key
const options = await carolsResharing("ecdsa");
const dealing = resharing(options.made.key, options);

const ran: Ran<DealtEcdsaKey> = await runDrawn(dealingEcdsa.reshare, dealing.party, {
  draw: (self) =>
    drawEcdsaKey({
      dealing,
      attempt,
      self,
      share: dealing.dealers.includes(self) ? options.made.shares.get(self)! : null,
      random: seeded(`pairs ${self}`),
    }),
  inputOf: (self) => ({ session, random: seeded(`pairs run ${self}`), diffieHellman }),
});
const [none, noChoice] = [dealingEcdsa.reshare.offer, dealingEcdsa.reshare.choose]
  .map(({ codec }) => codec.encode(null));

Deno.test("setupEcdsa() in a resharing makes the pairs of the new members, by their new identifiers, and no others", () => {
  const made = new Map(dealing.party.map((peer, i) => [peer, results(ran)[i]!]));
  assert.equal(made.get("bob")!.pairs.size, 0);
  assert.equal(made.get("bob")!.share, null);
  for (const [i, one] of options.recipients.entries()) {
    assert.deepEqual([...made.get(one)!.pairs.keys()], options.recipients.filter((peer) => peer !== one));
    for (const [j, other] of options.recipients.entries()) {
      if (i === j) continue;
      assert.deepEqual(made.get(one)!.pairs.get(other)!.setup, pairSetup(session, i + 1, j + 1));
    }
  }
});

Deno.test("setupEcdsa() sends empty messages to and from a peer that holds no share", () => {
  for (const other of options.recipients) {
    for (const [from, to] of [["bob", other], [other, "bob"]] as const) {
      assert.deepEqual(ran.sent.get(slot("offer", from, to)), none);
      assert.deepEqual(ran.sent.get(slot("choose", from, to)), noChoice);
    }
  }
});

Deno.test("setupEcdsa() names who fills a message that is not due, and who leaves one empty that is", async () => {
  const filled = (round: string) => ran.sent.get(slot(round, "dave", "erin"))!;
  const cheats: [PeerId, PeerId, string, Uint8Array][] = [
    ["bob", "dave", "offer", filled("offer")],
    ["bob", "dave", "choose", filled("choose")],
    ["carol", "bob", "offer", filled("offer")],
    ["carol", "bob", "choose", filled("choose")],
    ["carol", "dave", "offer", none!],
    ["carol", "dave", "choose", noChoice!],
  ];
  const holders = ["carol", "dave"];
  for (const [from, to, round, bytes] of cheats) {
    const setUp = await runAll(
      settingUpHolders,
      ["bob", ...holders],
      (net) => setupEcdsa(net, { session, holders, random: seeded(net.self), diffieHellman }),
      (m) => m.from === from && m.to === to && m.round === round ? bytes : m.bytes,
    );
    assertNamed(setUp, "malformed-message", [from], [to]);
  }
});

Deno.test("drawEcdsaKey() in a resharing has the rounds of a generation", () => {
  assert.deepEqual(Object.keys(dealingEcdsa.reshare), Object.keys(dealingEcdsa.generate));
  assert.equal(decode(none!).length, 1, "a tag without fields");
});
