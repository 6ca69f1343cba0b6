import assert from "node:assert/strict";
import { hash } from "../../src/crypto/codec.ts";
import { type DlogProof, proveDlog, verifyDlog } from "../../src/crypto/dlog_proof.ts";
import type { Group } from "../../src/crypto/group.ts";
import { seeded } from "../protocol/keys.ts";
import { bothCurves } from "./points.ts";

const context = { scheme: "any", session: new Uint8Array(32).fill(1), identifier: 2 };

function proofOf(group: Group, secret = 42n) {
  const statement = group.multiplyBase(secret);
  return { statement, proof: proveDlog(group, { secret, statement, context, random: seeded("proof") }) };
}

for (const group of bothCurves) {
  Deno.test(`verifyDlog() accepts what proveDlog() proves on ${group.curve}`, () => {
    for (const secret of [1n, 42n, group.order - 1n]) {
      const { statement, proof } = proofOf(group, secret);
      assert.ok(verifyDlog(group, statement, proof, context));
    }
  });

  // Every input of the equation and of the challenge, changed one at a time (weak Fiat-Shamir, eprint 2023/691).
  Deno.test(`verifyDlog() refuses a proof on ${group.curve} when anything that it reads is changed`, () => {
    const { statement, proof } = proofOf(group);
    const g = group.multiplyBase(1n);
    const otherSession = context.session.with(31, 0);
    const refused: [string, boolean][] = [
      ["statement", verifyDlog(group, statement.add(g), proof, context)],
      [
        "commitment",
        verifyDlog(group, statement, { ...proof, commitment: proof.commitment.add(g) }, context),
      ],
      ["response", verifyDlog(group, statement, { ...proof, response: proof.response ^ 1n }, context)],
      ["response 0", verifyDlog(group, statement, { ...proof, response: 0n }, context)],
      ["scheme", verifyDlog(group, statement, proof, { ...context, scheme: "other" })],
      ["session", verifyDlog(group, statement, proof, { ...context, session: otherSession })],
      ["identifier", verifyDlog(group, statement, proof, { ...context, identifier: 3 })],
    ];
    assert.deepEqual(refused, refused.map(([what]) => [what, false]));
  });

  Deno.test(`verifyDlog() refuses on ${group.curve} a commitment chosen after the challenge`, () => {
    // R = s·G - c·A with a c of one's own: right for that c, which is not the hash.
    const { statement } = proofOf(group);
    const forged: DlogProof = {
      commitment: group.multiplyBase(7n).add(group.combine([statement], [5n]).negate()),
      response: 7n,
    };
    assert.ok(!verifyDlog(group, statement, forged, context));
  });
}

// Written out once more, so that no input can fall out of the challenge unnoticed.
Deno.test("verifyDlog() takes its challenge from scheme, session, identifier, statement and commitment", () => {
  for (const group of bothCurves) {
    const { statement, proof } = proofOf(group);
    const elements = [statement, proof.commitment].map(group.encodeElement);
    const all = hash(
      "quorate/1/dlog-proof",
      context.scheme,
      context.session,
      context.identifier,
      ...elements,
    );
    const c = BigInt(`0x${all.toHex()}`) % group.order;
    const right = proof.commitment.add(group.combine([statement], [c]));
    assert.ok(group.multiplyBase(proof.response).equals(right));
  }
});

Deno.test("proveDlog() draws a fresh nonce for each proof", () => {
  const [group] = bothCurves;
  const random = seeded("nonces");
  const statement = group!.multiplyBase(42n);
  const prove = () => proveDlog(group!, { secret: 42n, statement, context, random });
  assert.ok(!prove().commitment.equals(prove().commitment));
});
