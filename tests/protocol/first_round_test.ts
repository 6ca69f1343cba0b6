import assert from "node:assert/strict";
import { bytes, record } from "../../src/crypto/codec.ts";
import { generation } from "../../src/protocol/dealing.ts";
import { readFirstRounds } from "../../src/protocol/first_round.ts";
import { drawnOnce } from "../../src/protocol/drawn.ts";
import { schemeIds, schemes } from "../../src/schemes/schemes.ts";
import { secretSchemes } from "../../src/schemes/secrets.ts";
import { dealEcdsaKey } from "./ecdsa_keys.ts";
import { attempt, makeKey, party, seeded } from "./keys.ts";

const codec = record("quorate/test/first-round", { value: bytes(1) });
const wire = (value: number) => codec.encode({ value: Uint8Array.of(value) });
const net = { self: "bob", party };
const accepts = new Map([["carol", wire(3)], ["bob", wire(2)], ["alice", wire(1)]]);

Deno.test("readFirstRounds() decodes everyone's, in the order of the party", () => {
  const read = readFirstRounds(net, codec, wire(2), accepts);
  assert.deepEqual([...read].map(([peer, { value }]) => [peer, value[0]]), [["alice", 1], ["bob", 2], [
    "carol",
    3,
  ]]);
});

Deno.test("readFirstRounds() names everyone whose first round does not decode", () => {
  const bad = Uint8Array.of(255);
  for (
    const [given, culprits] of [
      [new Map(accepts).set("carol", bad), ["carol"]],
      [new Map(accepts).set("carol", new Uint8Array()).set("alice", bad), ["alice", "carol"]],
    ] as const
  ) {
    assert.throws(() => readFirstRounds(net, codec, wire(2), given), { code: "malformed-message", culprits });
  }
});

Deno.test("readFirstRounds() stops where its own is not the one that was drawn, or one is missing, and blames nobody", () => {
  const without = new Map(accepts);
  without.delete("alice");
  for (const given of [new Map(accepts).set("bob", wire(9)), new Map(), without]) {
    assert.throws(() => readFirstRounds(net, codec, wire(2), given), { code: "internal", culprits: [] });
  }
});

Deno.test("drawnOnce() lends secrets to one run, and wipes them at its end, whatever comes of it", async () => {
  for (const ending of ["done", "failed"]) {
    const events: string[] = [];
    const secrets = { [Symbol.dispose]: () => void events.push("wiped") };
    const drawn = drawnOnce(secrets, wire(1), async (lent, run: string, agreed: string) => {
      assert.equal(lent, secrets);
      events.push(run, agreed);
      await Promise.resolve();
      if (ending === "failed") throw new Error(ending);
      return ending;
    });
    const first = drawn.run("run", "agreed");
    await assert.rejects(drawn.run("at the same time", ""), /used before, or wiped/);
    await first.catch(() => {});
    assert.deepEqual(events, ["run", "agreed", "wiped"]);
    await assert.rejects(drawn.run("afterwards", ""), /used before, or wiped/);
    assert.deepEqual(events, ["run", "agreed", "wiped"]);
  }
});

Deno.test("drawnOnce() wipes on disposal, after which nothing runs", async () => {
  let wiped = 0;
  const drawn = drawnOnce({ [Symbol.dispose]: () => void wiped++ }, wire(1), () => assert.fail("it runs"));
  drawn[Symbol.dispose]();
  assert.equal(wiped, 1);
  await assert.rejects(drawn.run(null, null), /used before, or wiped/);
});

Deno.test("a first round decodes under its scheme, kind and no other, and has at most 128 bytes", async () => {
  const common = { attempt, self: "alice", random: seeded("first rounds") };
  const all: [string, Uint8Array][] = [];
  for (const scheme of schemeIds) {
    const { key, shares } = scheme === "ecdsa" ? dealEcdsaKey() : await makeKey({ scheme });
    const { drawKey, drawSignatures } = secretSchemes[scheme];
    using generating = drawKey({ ...common, dealing: generation(party, 2), share: null });
    const { options } = schemes[scheme].fieldsOf({ message: attempt } as never);
    const item = { path: [], options, payload: attempt };
    const signing = { ...common, party: ["alice", "carol"], key, share: shares.get("alice")! };
    using signature = drawSignatures({ ...signing, items: [item] });
    all.push([`${scheme} generate`, generating.firstRound], [`${scheme} sign`, signature.firstRound]);
    if (schemes[scheme].pairwise) continue; // its promise of one nonce is a hash, as that of many
    using batch = drawSignatures({ ...signing, items: [item, item] });
    all.push([`${scheme} batch`, batch.firstRound]);
  }
  for (const [name, bytes] of all) {
    assert.ok(bytes.length <= 128, `${name}: ${bytes.length} bytes`);
    for (const scheme of schemeIds) {
      const { generating, signing, pairwise } = schemes[scheme];
      const protocols = { generate: generating, sign: signing(1), ...(!pairwise && { batch: signing(2) }) };
      for (const [kind, { firstRound: codec }] of Object.entries(protocols)) {
        if (`${scheme} ${kind}` === name) assert.deepEqual(codec.encode(codec.decode(bytes)), bytes);
        else assert.throws(() => codec.decode(bytes), TypeError, `${name} as ${scheme} ${kind}`);
      }
    }
  }
});
