import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { PeerId } from "../../src/failure.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import { publicKeyOf } from "../../src/identity/peer_key.ts";
import { generating } from "../../src/protocol/deal_messages.ts";
import { withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { signWith, torsion } from "../crypto/crafted_signatures.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { assertFails, assertWorks } from "./honest.ts";
import { Scene } from "./scene.ts";

const { Point } = ed25519;

/** Without the cofactor, as WebCrypto does it, but at once: a virtual clock waits for nobody. */
function byPlatform(peer: PeerId, message: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = publicKeyOf(peer);
  if (publicKey === null) return false;
  const der = Uint8Array.of(...Uint8Array.fromHex("302a300506032b6570032100"), ...publicKey);
  const key = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  return verify(null, message, key, signature);
}

/**
 * Alice verifies by noble, Bob by the platform. What Carol says in the reveal round goes to Bob with a plain signature, and
 * to Alice, in other words, under one whose R has a part of order 8. A verifier with the cofactor takes it and passes it
 * on; one without would then call the messenger a forger.
 */
async function craftedScene() {
  const crafted = new Set<string>();
  const scene = await Scene.start({
    async identities(random, name) {
      const identity = await nobleIdentity(random);
      if (name === "bob") return { ...identity, verify: (...what) => Promise.resolve(byPlatform(...what)) };
      if (name !== "carol") return identity;
      const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(identity.secrets().peerSeed);
      return {
        ...identity,
        sign(message) {
          const text = message.toHex();
          if (![...crafted].some((hash) => text.includes(hash))) return identity.sign(message);
          const R = Point.BASE.multiply(7n).add(torsion).toBytes();
          return Promise.resolve(signWith({ secret: scalar, publicKey: pointBytes }, message, R, 7n));
        },
      };
    },
  });
  const alice = scene.peer("alice");
  const { group, rounds: { reveal } } = generating.ed25519;
  const cheat = cheatOf({
    name: "crafted-signature",
    label: "sign so that one verifier takes it and another does not",
    kinds: ["generate"],
    expects: { outcome: "failed", names: "missing" },
  }, (said) => {
    if (said.round !== "reveal" || said.to !== alice) return [said];
    const other = withPayload(said, reveal.codec, (message) => ({
      ...message,
      proof: { ...message.proof, response: group.reduce(message.proof.response + 1n) },
    }));
    crafted.add(sha256(other.body).toHex());
    return [other];
  });
  return { scene, cheat };
}

Deno.test("generateKey() names nobody honest when a cheater's signature has a part of order 8: no verifier takes it", async () => {
  const { scene, cheat } = await craftedScene();
  await using _ = scene;
  scene.arm("carol", cheat);
  const seen = await scene.generate();
  assert.equal(seen.value, null);
  assertFails(scene, seen, "alice", { code: "round-timeout", culprits: [], missing: ["carol"] });
  const end = seen.view("bob").at(-1)!;
  assert.ok(end.type === "failed", end.type);
  assert.deepEqual(end.culprits.map((peer) => scene.nameOf(peer)), [], `Bob: ${end.code}`);
  await assertWorks(scene);
});
