import assert from "node:assert/strict";
import {
  bansOf,
  freeParty,
  frozenAt,
  mayJoin,
  quarantinesOf,
  restraintOf,
  signersFor,
  unrestrained,
  withBan,
} from "../../../web/state/forbidden_pairs.ts";
import type { Claim } from "../../../src/failure.ts";
import { advise } from "../../../web/state/advice.ts";
import { adviceInputOf, canSign, newestFirst, primary } from "../../../web/state/primary.ts";
import type { Action } from "../../../web/state/reduce.ts";
import { summarize } from "../../../web/state/summary.ts";
import { alice, bob, carol, ecdsaKey, key, mallory, page, script } from "../events.ts";
import { stories } from "../stories.ts";

const ban = {
  wallet: "treasury",
  scheme: "ecdsa",
  keyId: ecdsaKey.session,
  by: alice,
  other: bob,
  at: 5,
} as const;
const nobody = { picked: null, armed: null, ready: [], restraint: unrestrained };

Deno.test("withBan() keeps each ban once, the first, and a bounded number", () => {
  const once = withBan([], ban);
  assert.deepEqual(withBan(once, { ...ban, at: 9 }), once);
  assert.equal(withBan(once, { ...ban, by: bob, other: alice }).length, 2);
  const flood = Array.from({ length: 1_000 }, (_, i) => ({ ...ban, other: `${i}` }));
  assert.equal(flood.reduce(withBan, once).length, 256);
});

Deno.test("bansOf() leaves out what strangers say, and what is about another key", () => {
  const bans = [ban, { ...ban, by: mallory }, { ...ban, other: mallory }, {
    ...ban,
    keyId: null,
    wallet: "other",
  }];
  assert.deepEqual(bansOf(ecdsaKey, { bans }), [ban]);
  assert.deepEqual(bansOf(key, { bans }), []);
});

Deno.test("reduce() takes a ban from one of its two only", () => {
  const state = page(stories.ban);
  const told = {
    boot: "b".repeat(16),
    seq: 999,
    at: 0,
    type: "ban",
    wallet: "treasury",
    scheme: "ecdsa",
  } as const;
  assert.equal(page([{ ...told, peer: bob, pair: [alice, carol] }], state).bans.length, 1);
  assert.equal(page([{ ...told, peer: bob, pair: [carol, bob] }], state).bans.length, 2);
});

Deno.test("reduce() keeps a quarantine until its peer releases the pair, and brings the two together no more meanwhile", () => {
  const about = { wallet: "treasury", scheme: "ecdsa", keyId: ecdsaKey.session };
  const news = { boot: "b".repeat(16), at: 0, type: "quarantine", ...about };
  const event = (peer: string, seq: number, state: string, pair = [alice, bob]) =>
    ({ ...news, peer, seq, state, pair }) as unknown as Action;
  const set = page([...stories.ban.filter(({ type }) => type !== "ban"), event(alice, 990, "quarantined")]);
  assert.deepEqual(quarantinesOf(ecdsaKey, set).map(({ by, other }) => [by, other]), [[alice, bob]]);
  assert.deepEqual(restraintOf(ecdsaKey, set).forbidden, [[alice, bob]]);
  assert.deepEqual(freeParty(ecdsaKey, restraintOf(ecdsaKey, set)), [alice, carol]);
  assert.equal(page([event(bob, 991, "released")], set).quarantines.length, 1, "only its own word releases");
  assert.deepEqual(page([event(alice, 992, "released")], set).quarantines, []);
  const [theirs] = set.quarantines;
  const shown = {
    ...theirs!,
    wallet: "treasury",
    scheme: "ecdsa" as const,
    keyId: ecdsaKey.session,
    by: bob,
  };
  const polled = page([{ type: "quarantines", quarantines: [shown] }], set);
  assert.deepEqual(polled.quarantines.map(({ by }) => by), [bob], "it shows what its node knows now");
});

Deno.test("frozenAt() is who says so of this very key", () => {
  const state = page(stories.frozen);
  assert.deepEqual(frozenAt(ecdsaKey, state), [carol]);
  assert.deepEqual(frozenAt({ ...ecdsaKey, session: "00".repeat(32) }, state), []);
  assert.deepEqual(frozenAt(key, state), []);
});

Deno.test("freeParty() leaves the choice to the cluster unless some must not meet", () => {
  assert.equal(freeParty(ecdsaKey, { forbidden: [], frozen: [] }), "any");
  assert.deepEqual(freeParty(ecdsaKey, { forbidden: [[alice, bob]], frozen: [] }), [alice, carol]);
});

Deno.test("advise() never offers a banned pair, whatever failed afterwards", () => {
  const { bans } = page(stories.ban);
  for (const story of ["forged", "silence", "hearsay", "frozen"] as const) {
    const state = {
      ...page(stories[story]),
      bans: bans.flatMap((one) => [one, { ...one, scheme: "ed25519" as const }]),
    };
    const session = newestFirst(state)[0]!;
    for (const one of advise(session, summarize(session, state), adviceInputOf(session, state))) {
      if (one.do !== "sign") continue;
      assert.ok(one.signers, `${story}: ${one.label} leaves it to chance`);
      assert.ok(!(one.signers.includes(alice) && one.signers.includes(bob)), `${story}: ${one.label}`);
    }
  }
});

Deno.test("advise() after a frozen key: those who have not frozen it", () => {
  const state = page(stories.frozen);
  const session = newestFirst(state)[0]!;
  const [first, second] = advise(session, summarize(session, state), adviceInputOf(session, state));
  assert.deepEqual(first, {
    do: "sign",
    label: "Sign without Carol",
    signers: [alice, bob],
    without: [carol],
  });
  assert.equal(second?.label, "Reshare the key…");
});

Deno.test("advise() after a pair was declined: a party without that pair", () => {
  const state = { ...page(stories.quarantined), quarantines: [] }; // word of it has not come
  const session = newestFirst(state)[0]!;
  const [first] = advise(session, summarize(session, state), adviceInputOf(session, state));
  assert.ok(first?.do === "sign" && first.signers);
  assert.ok(!(first.signers.includes(alice) && first.signers.includes(bob)), first.label);
});

Deno.test("primary() does not ask to sign with a key of which no party is left", () => {
  const state = page(stories.refusing);
  assert.equal(canSign(ecdsaKey, state), false);
  assert.equal(primary(state), "reshare");
  assert.equal(canSign(ecdsaKey, page(stories.ban)), true);
});

Deno.test("advise() after a member said that it has no link to another, or that its store went back: a party without that pair", () => {
  for (const code of ["link-lost", "restored"] as const) {
    const t = script({ id: "9a4f" });
    const ended = (claims: readonly Claim[]) => {
      const state = page([
        ...stories.created,
        {
          type: "requested",
          id: t.id,
          kind: "sign",
          wallet: key.wallet,
          scheme: key.scheme,
          request: { items: [{ message: new Uint8Array(1) }], signers: [alice, bob] },
        },
        t.began(alice),
        t.failed(alice, "declined", { phase: "inviting", claims }),
      ]);
      const session = newestFirst(state)[0]!;
      return advise(session, summarize(session, state), adviceInputOf(session, state)).map((one) =>
        one.do === "sign" && one.signers
      );
    };
    assert.deepEqual(ended([{ by: bob, code, peers: [alice] }]), [[alice, carol]], code);
    const all = [[bob, alice], [carol, alice], [bob, carol]].map(([by, other]) => ({
      by: by!,
      code,
      peers: [other!],
    }));
    assert.deepEqual(ended(all), [[alice, bob]], `${code}: it passes, and the same is tried again`);
    assert.deepEqual(
      ended([{ by: bob, code, peers: [] }]),
      [[alice, bob], [alice, carol]],
      `${code} of itself`,
    );
  }
});

Deno.test("withBan() keeps so many of each peer, and what one makes up takes no room from another", () => {
  const ban = (by: string, wallet: string) =>
    ({ wallet, scheme: "ed25519", keyId: null, by, other: bob, at: 1 }) as const;
  const made = Array.from({ length: 300 }, (_, i) => ban(carol, `made up ${i}`));
  const kept = made.reduce(withBan, withBan([], ban(alice, "treasury")));
  assert.deepEqual(kept.filter(({ by }) => by === alice).map(({ wallet }) => wallet), ["treasury"]);
  assert.equal(kept.length, 257);
  assert.equal(kept.at(-1)?.wallet, "made up 299");
});

Deno.test("signersFor() makes the armed peer one of the signers", () => {
  assert.deepEqual(signersFor(key, { ...nobody, armed: carol }), [carol, alice]);
  assert.equal(signersFor(key, nobody), null);
  assert.deepEqual(signersFor(key, { ...nobody, picked: [bob, carol], armed: alice }), [bob, carol]);
});

Deno.test("signersFor() never brings a banned pair together, nor asks who has frozen the key", () => {
  const forbidden = { forbidden: [[alice, bob]], frozen: [] } as const;
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, armed: bob, restraint: forbidden }), [bob, carol]);
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, restraint: forbidden }), [alice, carol]);
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, ready: [bob, carol], restraint: forbidden }), [
    bob,
    carol,
  ]);
  const frozen = { forbidden: [], frozen: [carol] };
  assert.deepEqual(signersFor(ecdsaKey, { ...nobody, armed: bob, restraint: frozen }), [bob, alice]);
  assert.equal(signersFor(ecdsaKey, { ...nobody, restraint: { ...forbidden, frozen: [carol] } }), null);
});

Deno.test("mayJoin() keeps a banned pair from being picked, and lets who is picked be dropped", () => {
  const forbidden = { forbidden: [[alice, bob]], frozen: [] } as const;
  assert.equal(mayJoin(bob, [alice], forbidden), false);
  assert.equal(mayJoin(carol, [alice], forbidden), true);
  assert.equal(mayJoin(alice, [alice, bob], forbidden), true);
});

Deno.test("quarantinesOf() tells two keys of one name apart by the key's id", () => {
  const twin = { ...ecdsaKey, session: "7e10".padEnd(64, "0") };
  const entry = { ...ban, keyId: twin.session };
  const state = page([{ type: "quarantines", quarantines: [entry] }]);
  assert.deepEqual(quarantinesOf(twin, state), [entry]);
  assert.deepEqual(quarantinesOf(ecdsaKey, state), []);
  const both = page([{ type: "quarantines", quarantines: [entry, ban] }]);
  assert.deepEqual([quarantinesOf(twin, both).length, quarantinesOf(ecdsaKey, both).length], [1, 1]);
  const event = { peer: alice, boot: "b".repeat(16), seq: 990, at: 0, pair: [alice, bob] as const };
  const about = { wallet: "treasury", scheme: "ecdsa", keyId: twin.session } as const;
  const released = page([{ ...event, ...about, type: "quarantine", state: "released" }], both);
  assert.deepEqual(released.quarantines, [ban]);
});

Deno.test("withBan() takes the key's id from whichever of two equal bans has it", () => {
  const named = { ...ban, keyId: null };
  assert.deepEqual(withBan([named], ban), [ban]);
  assert.deepEqual(withBan([ban], named), [ban]);
});
