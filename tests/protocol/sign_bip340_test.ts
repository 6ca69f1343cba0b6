import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { verifyBip340 } from "../../src/crypto/bip340/signature.ts";
import { evenKey, tweakedFrostKey, tweakedKeyOf } from "../../src/crypto/bip340/signing_key.ts";
import { frostBip340 } from "../../src/crypto/frost_bip340.ts";
import { tweakedShare } from "../../src/crypto/bip340/key_tweak.ts";
import type { PeerId } from "../../src/failure.ts";
import type { PublicKeyPackage } from "../../src/ports.ts";
import { drawFrostSignatures } from "../../src/protocol/sign_frost.ts";
import { signingFrost } from "../../src/protocol/sign_frost_messages.ts";
import { attempt, makeKey, party, seeded, session } from "./keys.ts";
import { onlyItem, type Ran, results, runDrawn, type Tamper } from "./local_net.ts";

const { group } = frostBip340;
const { rounds } = signingFrost(frostBip340, 1);
const message = seeded("hash of a transaction")(32);
const merkleRoots = { "no tweak": null, "BIP-86": new Uint8Array(), "a root": seeded("merkle root")(32) };

interface Ready {
  key: PublicKeyPackage;
  shares: Map<PeerId, Uint8Array>;
}

/** A generated key of two of three with an even y, its child at /7, and what Taproot makes of that. */
async function ready(seed: string, merkleRoot: Uint8Array | null): Promise<Ready> {
  const made = await makeKey({ curve: "secp256k1", seed });
  const even = party.map((peer) => evenKey({ ...made.key, share: made.shares.get(peer)! }));
  const tweaked = tweakedKeyOf(even[0]!, { path: [7], merkleRoot });
  return {
    key: tweakedFrostKey(even[0]!, tweaked),
    shares: new Map(party.map((peer, i) => [peer, tweakedShare(even[i]!.share, tweaked)])),
  };
}

async function signAll(
  { key, shares }: Ready,
  signers: readonly PeerId[],
  seed: string,
  tamper?: Tamper,
): Promise<Ran<Uint8Array>> {
  const ran = await runDrawn(rounds, signers, {
    draw: (self) =>
      drawFrostSignatures({
        suite: frostBip340,
        attempt,
        self,
        party: signers,
        members: key.members,
        items: [{ key, share: shares.get(self)!, message }],
        random: seeded(`${seed} ${self}`),
      }),
    inputOf: () => ({ session }),
  }, tamper);
  return onlyItem(ran);
}

for (const [name, merkleRoot] of Object.entries(merkleRoots)) {
  Deno.test(`signFrost() gives every signer the same BIP-340 signature: ${name}`, async () => {
    for (const [i, signers] of [["alice", "bob"], ["alice", "carol"], ["bob", "carol"]].entries()) {
      const made = await ready(`key ${i}`, merkleRoot);
      const signatures = results(await signAll(made, signers, "nonces"));
      const x = made.key.publicKey.slice(1);
      for (const signature of signatures) {
        assert.deepEqual(signature, signatures[0]);
        assert.ok(verifyBip340(x, message, signature));
        assert.ok(libsecp256k1.verifySchnorr(message, x, signature));
      }
    }
  });

  Deno.test(`signFrost() names the peer whose BIP-340 share does not verify: ${name}`, async () => {
    for (const seed of ["a", "b", "c", "d", "e", "f"]) {
      const made = await ready(seed, merkleRoot);
      const tamper: Tamper = ({ from, round, bytes }) => {
        if (from !== "carol" || round !== "share") return bytes;
        const { codec } = rounds.share;
        const share = group.decodeScalar(codec.decode(bytes)[0]!);
        return codec.encode([group.encodeScalar(group.reduce(share + 1n))]);
      };
      const { endings } = await signAll(made, ["alice", "carol"], seed, tamper);
      const failed = { code: "invalid-signature-share", culprits: ["carol"], missing: [] };
      assert.deepEqual(endings.get("alice")!.failed, failed);
    }
  });
}

Deno.test("signFrost() of BIP-340 stops at a share of the other sign before it leaves", async () => {
  const made = await ready("rotten", null);
  const share = group.decodeScalar(made.shares.get("alice")!);
  made.shares.set("alice", group.encodeScalar(group.reduce(-share)));
  const { endings } = await signAll(made, ["alice", "carol"], "nonces");
  assert.equal(endings.get("alice")!.failed!.code, "share-corrupt");
});
