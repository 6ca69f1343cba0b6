/**
 * Many signatures, by three verifiers beside this library: noble, node:crypto, and libsecp256k1 (`tiny-secp256k1`, Bitcoin Core's C code
 * as WebAssembly, which shares nothing with the other two). `QUORATE_SIGNATURES=10000` runs the campaign.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import assert from "node:assert/strict";
import { createPublicKey, verify as nodeVerify } from "node:crypto";
import * as libsecp256k1 from "tiny-secp256k1";
import { childOf } from "../../src/crypto/bip32.ts";
import { fromDer, toDer } from "../../src/crypto/ecdsa/der.ts";
import { type CompactSignature, toEthereum, verifyEcdsa } from "../../src/crypto/ecdsa/signature.ts";
import { groups } from "../../src/crypto/group.ts";
import type { EcdsaResult } from "../../src/protocol/sign_ecdsa.ts";
import { recoverKey } from "../crypto/ecdsa/recover_key.ts";
import { dealEcdsaKey, generateEcdsaAll, keyOf, signEcdsaAll, signEcdsaBatch } from "./ecdsa_keys.ts";
import { seeded } from "./keys.ts";
import { results } from "./local_net.ts";

const group = groups.secp256k1;
const wanted = Number(Deno.env.get("QUORATE_SIGNATURES") ?? 100);
/**
 * The numbers of signatures, beyond those, of which r and s begin with a zero. Each new version of the protocol has
 * others: `deno task fuzz` prints the first of each.
 */
const zeros = { r: 419, s: 308 };
const everyone = ["alice", "bob", "carol", "dave", "eve"];

/** node:crypto signs messages, not digests: with SHA-256 over a message, it verifies what was made of its digest. */
function nodeVerifies(publicKey: Uint8Array, message: Uint8Array, signature: CompactSignature): boolean {
  const spki = Uint8Array.of(
    ...Uint8Array.fromHex("3056301006072a8648ce3d020106052b8104000a034200"),
    ...secp256k1.Point.fromBytes(publicKey).toBytes(false),
  );
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  return nodeVerify("sha256", message, key, toDer(signature));
}

function assertGood(signature: EcdsaResult, digest: Uint8Array): void {
  const { compact, recovery, publicKey } = signature;
  assert.ok(group.decodeScalar(compact.slice(32)) <= group.order / 2n, "low s");
  assert.ok(verifyEcdsa(publicKey, digest, compact), "this library");
  assert.ok(secp256k1.verify(compact, digest, publicKey, { prehash: false }), "noble");
  assert.ok(libsecp256k1.verify(digest, publicKey, compact, true), "libsecp256k1, strict");
  assert.deepEqual(recoverKey(signature, digest), publicKey, "noble recovers");
  const recovered = libsecp256k1.recover(digest, compact, recovery as 0 | 1 | 2 | 3, true);
  assert.deepEqual(Uint8Array.from(recovered!), publicKey, "libsecp256k1 recovers");
  assert.deepEqual(fromDer(toDer(signature)), compact);
  assert.equal(toEthereum(signature)[64], 27 + recovery);
}

Deno.test("signEcdsa() for any t of n, any quorum, any batch, any path: three verifiers take it", async () => {
  const shapes = [[2, 2], [2, 3], [3, 5]] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...shapes).chain(([threshold, n]) =>
        fc.record({
          threshold: fc.constant(threshold),
          n: fc.constant(n),
          signers: fc.shuffledSubarray(everyone.slice(0, n), { minLength: threshold, maxLength: threshold }),
        })
      ),
      fc.array(
        fc.record({
          path: fc.array(fc.nat(2 ** 31 - 1), { maxLength: 3 }),
          message: fc.uint8Array({ maxLength: 100 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.string(),
      async ({ threshold, n, signers }, batch, seed) => {
        const made = dealEcdsaKey({ members: everyone.slice(0, n), threshold, seed });
        const items = await Promise.all(batch.map(async ({ path, message }) => ({
          path,
          digest: new Uint8Array(await crypto.subtle.digest("SHA-256", message.slice())),
        })));
        const all = results(await signEcdsaBatch({ made, signers, items, seed }));
        for (const signatures of all) assert.deepEqual(signatures, all[0]);
        for (const [item, { path, message }] of batch.entries()) {
          const signature = all[0]![item]!;
          assert.deepEqual(signature.publicKey, childOf(group, made.key, path).publicKey);
          assertGood(signature, items[item]!.digest);
          assert.ok(nodeVerifies(signature.publicKey, message, signature), "node:crypto");
        }
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("generateEcdsa() makes 2-of-2 and 3-of-5 keys that sign", async () => {
  for (const [threshold, n] of [[2, 2], [3, 5]] as const) {
    const ran = await generateEcdsaAll({ members: everyone.slice(0, n), threshold });
    results(ran);
    const digest = seeded("digest")(32);
    const signers = everyone.slice(n - threshold, n).reverse();
    assertGood(results(await signEcdsaAll({ made: keyOf(ran, threshold), signers, digest }))[0]!, digest);
  }
});

Deno.test("signEcdsa() takes digests that begin with any number of zeros", async () => {
  const made = dealEcdsaKey();
  for (let zeros = 1; zeros < 32; zeros += 5) {
    const digest = new Uint8Array(32).fill(0x17, zeros);
    assertGood(results(await signEcdsaAll({ made, digest }))[0]!, digest);
  }
  const one = new Uint8Array(32).with(31, 1);
  assertGood(results(await signEcdsaAll({ made, digest: one }))[0]!, one);
});

Deno.test(`signEcdsa() ${wanted} times: low s, the key is recovered, leading zeros kept in r and s`, async () => {
  const made = dealEcdsaKey({ members: ["alice", "bob"] });
  const seen = { r: [] as number[], s: [] as number[], odd: 0 };
  const numbers = [...Array(wanted).keys(), ...Object.values(zeros).filter((number) => number >= wanted)];
  for (const number of numbers) {
    const digest = seeded(`many ${number}`)(32);
    const [signature] = results(
      await signEcdsaAll({ made, signers: ["alice", "bob"], digest, seed: `many ${number}` }),
    );
    assertGood(signature!, digest);
    if (signature!.compact[0] === 0) seen.r.push(number);
    if (signature!.compact[32] === 0) seen.s.push(number);
    seen.odd += signature!.recovery & 1;
  }
  assert.ok(seen.r.length > 0 && seen.s.length > 0, "deno task fuzz prints which others begin with a zero");
  // r begins with a zero once in 256, a low s once in 128, and both parities are as likely.
  if (wanted < 1_000) return;
  console.log(`zeros: r ${seen.r[0]}, s ${seen.s[0]}`);
  assert.ok(Math.abs(seen.odd / wanted - 0.5) < 0.08, JSON.stringify(seen));
});
