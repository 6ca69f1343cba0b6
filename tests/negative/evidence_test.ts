import assert from "node:assert/strict";
import fc from "fast-check";
import { checkEvidence } from "../../mod.ts";
import { evidenceHash, evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import { decodeCertificate, encodeCertificate } from "../../src/keystore/key_certificate.ts";
import { signRoster } from "../../src/cluster/roster/roster.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import type { Failure, Scheme } from "../../src/events.ts";
import type { ItemInput } from "../../src/schemes/schemes.ts";
import { type FailureCode, failures } from "../../src/failure.ts";
import { statementEvidence } from "../../src/session/echo.ts";
import { encodeEnvelope, statementOf } from "../../src/session/envelope.ts";
import type { Envelope } from "../../src/ports.ts";
import { terminalOf } from "./honest.ts";
import { hello, Scene } from "./scene.ts";
import { witness, type Witnessed } from "./witnessed.ts";

const schemes = ["ed25519", "ecdsa", "bip340"] as const satisfies readonly Scheme[];
const accusing = Object.keys(failures).filter((code) =>
  failures[code as FailureCode].names === "culprits"
) as FailureCode[];

const all: Witnessed[] = [];
for (const scheme of schemes) {
  for (const threshold of [2, 3] as const) all.push(...await witness(scheme, threshold));
}

const accuse = (
  failure: Failure,
  evidence: Witnessed["evidence"],
  items: readonly ItemInput[] | null = [{ message: hello }],
) => {
  const encoded = evidenceRecord.encode(evidence);
  return checkEvidence({ ...failure, evidence: evidenceHash(encoded) }, encoded, { items });
};

/** The message, and the bare statement of it. */
const asShown = (envelope: Envelope): Uint8Array[] => {
  if (envelope.to !== "*") return [encodeEnvelope(envelope)];
  const { session, round, from, bodyHash, signature } = statementOf(envelope);
  return [encodeEnvelope(envelope), statementEvidence.encode({ session, round, from, bodyHash, signature })];
};

Deno.test("checkEvidence() proves what a cheater did in each protocol, and nothing of it against the honest", async () => {
  for (const { what, failure, evidence, items, honest } of all) {
    assert.equal(await accuse(failure, evidence, items), "proven", what);
    for (const culprit of new Set(honest.map(({ from }) => from))) {
      assert.notEqual(await accuse({ ...failure, culprits: [culprit] }, evidence, items), "proven", what);
      const both = { ...failure, culprits: [...failure.culprits, culprit] };
      assert.notEqual(await accuse(both, evidence, items), "proven", what);
    }
  }
});

Deno.test("checkEvidence() never proves anything by what the honest signed, under the session's own name", async () => {
  let accusations = 0;
  for (const { what, failure, evidence, items, honest } of all) {
    const together = [...evidence.shown, ...honest.map(encodeEnvelope)].slice(0, 64);
    for (const envelope of honest) {
      for (const shown of [...asShown(envelope).map((one) => [one]), together]) {
        for (const code of accusing) {
          const proof = await accuse(
            { ...failure, code, culprits: [envelope.from] },
            { ...evidence, shown },
            items,
          );
          assert.notEqual(proof, "proven", `${what}: ${envelope.round} as ${code}`);
          accusations++;
        }
      }
    }
  }
  assert.ok(accusations > 1_000, `${accusations} accusations`);
});

Deno.test("checkEvidence() takes no message of another session, whose protocol would not read it", async () => {
  for (const said of all) {
    for (const { what, failure, evidence, items } of all.filter((one) => one !== said)) {
      for (const envelope of said.honest) {
        const shown = [encodeEnvelope(envelope)];
        const told = { ...failure, code: "malformed-message", culprits: [envelope.from] } as const;
        const proof = await accuse(told, { ...evidence, shown }, items);
        assert.notEqual(proof, "proven", `${said.what}: ${envelope.round} in ${what}`);
      }
    }
  }
});

Deno.test("checkEvidence() never proves anything by what the honest signed, whatever else is said of it", async () => {
  const one = fc.constantFrom(...all);
  const mixed = fc.record({
    said: one, // whose messages
    about: one, // whose preimage
    certified: one, // whose certificate
    told: one, // whose facts in the event
    code: fc.constantFrom(...accusing),
    own: fc.constantFrom("session", "all", "none"), // what of the event is made to fit the messages
    kind: fc.constantFrom(null, "generate", "sign"),
    scheme: fc.constantFrom(null, ...schemes),
    which: fc.nat(),
    everything: fc.boolean(),
    items: fc.constantFrom("said", null, "another"),
  });
  await fc.assert(
    fc.asyncProperty(mixed, async (mix) => {
      const { said, about, certified, told, code, own, kind, scheme, items } = mix;
      const envelope = said.honest[mix.which % said.honest.length]!;
      const shown = mix.everything ? said.honest.map(encodeEnvelope).slice(0, 64) : asShown(envelope);
      const { session, attempt, id } = own === "none" ? told.failure : said.failure;
      const fits = own === "session" ? { session } : { session, attempt, id };
      const facts = own === "all" ? said.failure : { ...told.failure, ...fits };
      const failure = {
        ...facts,
        ...(kind === null ? {} : { kind }),
        ...(scheme === null ? {} : { scheme }),
        code,
        culprits: [envelope.from],
      };
      const { preimage } = about.evidence;
      const proof = await accuse(
        failure,
        { preimage, certificate: certified.evidence.certificate, shown },
        items === "said" ? said.items : items && [{ message: new Uint8Array() }],
      );
      assert.notEqual(proof, "proven");
    }),
    { numRuns: 4_000 },
  );
});

// The audit's three, C: all with genuine messages of honest peers.
Deno.test("checkEvidence() is not told by the accuser which protocol a message is of, which command, or which child", async () => {
  const of = (what: string) => all.find((one) => one.what === what)!;
  const plain = of("a forged share, ed25519, 2 sign");
  const child = of("a forged share of a child, ed25519, 2 sign");
  const honestly = (one: Witnessed, round: string) => {
    const envelope = one.honest.find((envelope) => envelope.round === round)!;
    return { shown: [...one.evidence.shown, encodeEnvelope(envelope)], culprits: [envelope.from] };
  };
  const share = honestly(plain, "share");
  const generate = { ...plain.failure, kind: "generate", code: "malformed-message", ...share } as const;
  assert.equal(await accuse(generate, { ...plain.evidence, shown: share.shown }), "not-proven");
  const elsewhere = { ...plain.failure, id: child.failure.id, culprits: share.culprits };
  assert.equal(await accuse(elsewhere, { ...plain.evidence, shown: share.shown }), "not-proven");
  const ofChild = honestly(child, "share");
  const told = { ...child.failure, culprits: ofChild.culprits };
  const asChild = { ...child.evidence, shown: ofChild.shown };
  assert.equal(await accuse(told, asChild, child.items), "not-proven");
  assert.equal(await accuse(told, asChild, plain.items), "unknown", "of another child than the command's");
});

Deno.test("checkEvidence() does not know what lacks its preimage, its message, its key, or is of another version", async () => {
  const { failure, evidence } = all.find(({ what }) => what === "a forged share, ed25519, 3 sign")!;
  const none = new Uint8Array();
  assert.equal(await accuse(failure, { ...evidence, preimage: none }), "unknown");
  assert.equal(await accuse(failure, { ...evidence, certificate: none }), "unknown");
  assert.equal(await accuse(failure, evidence, null), "unknown");
  assert.equal(
    await accuse(failure, evidence, [{ message: new TextEncoder().encode("another") }]),
    "unknown",
  );
  const older = new TextEncoder().encode("quorate/1/preimage");
  const text = new TextEncoder().encode("quorate/3/preimage");
  const at = evidence.preimage.toHex().indexOf(text.toHex()) / 2;
  const preimage = evidence.preimage.slice();
  preimage.set(older, at);
  assert.equal(await accuse(failure, { ...evidence, preimage }), "unknown");
  const encoded = evidenceRecord.encode(evidence);
  assert.equal(await checkEvidence(failure, null, { items: [{ message: hello }] }), "unknown");
  assert.equal(
    await checkEvidence({ ...failure, evidence: "00".repeat(32) }, encoded, { items: [{ message: hello }] }),
    "unknown",
  );
});

Deno.test("checkEvidence() does not prove what cheaters did under another name, id or session than they did it", async () => {
  const [one] = all;
  const { failure, evidence, items } = one!;
  const lies: Partial<Failure>[] = [
    { id: "00".repeat(16) },
    { attempt: "00".repeat(32) },
    { session: "00".repeat(32) },
    { kind: "generate" },
    { scheme: "ecdsa" },
    { wallet: "another" },
    { culprits: [...failure.culprits, "12D3KooWNobody"] },
  ];
  for (const lie of lies) {
    assert.equal(await accuse({ ...failure, ...lie }, evidence, items), "not-proven", JSON.stringify(lie));
  }
});

Deno.test("checkEvidence() takes no key but the one that the command names, as its members have signed it", async () => {
  const own = all.find(({ what }) => what === "a forged share, ed25519, 3 sign")!;
  const row = decodeCertificate(own.evidence.certificate);
  const verifyingShares = row.key!.verifyingShares.toReversed();
  const certificate = encodeCertificate({ ...row, key: { ...row.key!, verifyingShares } });
  const shown = own.honest.map(encodeEnvelope);
  const all_ = [...own.evidence.shown, ...shown].slice(0, 64);
  for (const { from } of own.honest.filter(({ round }) => round === "share")) {
    const told = { ...own.failure, culprits: [from] };
    assert.equal(await accuse(told, { ...own.evidence, certificate, shown: all_ }), "unknown");
  }
});

Deno.test("evidence() gives holders, observers and who asked what a failure shows, and nobody else", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve", "oscar"] });
  // Eve may ask, and that is all; oscar may watch too.
  const peers = scene.cluster.roster.peers.map((peer) =>
    peer.name === "eve" ? { ...peer, rights: ["initiator"] as const } : peer
  );
  const next = await signRoster(scene.cluster.admin, peers, scene.cluster.roster);
  scene.cluster.roster = next;
  for (const name of ["alice", "bob", "carol", "eve", "oscar"]) {
    scene.cluster.kill(name);
    await scene.cluster.boot(name);
  }
  await scene.cluster.linked();
  const get = async (name: string, failure: Failure) =>
    await scene.clock.until(scene.node(name).evidence(failure));
  const failureOf = async (by: string) => {
    scene.arm("bob", cheats.get("forged-share")!);
    const seen = await scene.sign(["alice", "bob"], { by });
    const end = terminalOf(seen, "alice");
    assert.ok(end.type === "failed" && end.evidence);
    return end;
  };
  const failure = await failureOf("alice");
  for (const name of ["alice", "bob", "carol", "oscar"]) {
    const evidence = await get(name, failure);
    assert.equal(await checkEvidence(failure, evidence, { items: [{ message: hello }] }), "proven", name);
  }
  assert.equal(await get("eve", failure), null);
  const own = await failureOf("eve");
  assert.equal(await checkEvidence(own, await get("eve", own), { items: [{ message: hello }] }), "proven");
  // Nobody is told what is to be signed: not in the event, and not in what it points to.
  const text = `${JSON.stringify(scene.everyone("oscar").events)} ${(await get("oscar", own))!.toHex()}`;
  assert.ok(!text.includes(hello.toHex()) && !text.includes("hello threshold"));
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  assert.ok(await get("carol", failure), "what was fetched is here");
  assert.equal(await get("carol", own), null, "what nobody has is not here");
});
