import assert from "node:assert/strict";
import { hasEvenY } from "../../src/crypto/bip340/signature.ts";
import type { Outcome } from "../../src/ports.ts";
import { itemOf, signingKey, verifySignature } from "../../src/schemes/schemes.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { platformClock } from "../../src/platform/platform.ts";
import { seeded } from "../protocol/keys.ts";
import { type Generated, generateWork, outcomes, party, runAll, signWork, storageKeys } from "./cluster.ts";

const message = new Uint8Array(32).fill(1);

Deno.test("shareVault() makes keys of bip340 with an even y, of whichever the sum was, and signs with their tweaks", async () => {
  const keys = await storageKeys();
  for (const seed of ["a", "b", "c", "d", "e", "f"]) {
    const vaults = new Map(party.map((peer) => [
      peer,
      shareVault({
        secrets: { storageKey: keys.get(peer)! },
        peer,
        random: seeded(`${seed} ${peer}`),
        clock: platformClock,
      }),
    ]));
    const made = await outcomes(runAll(vaults, generateWork("bip340"))) as Map<string, Generated>;
    const { key } = made.get("alice")!;
    assert.ok(hasEvenY(key.publicKey), `x alone is the key of seed ${seed}`);
    for (const { key: other } of made.values()) assert.deepEqual(other, key);
    for (const merkleRoot of [null, new Uint8Array(), new Uint8Array(32).fill(seed.charCodeAt(0))]) {
      const { options, path } = itemOf("bip340", { message, merkleRoot, path: [7] });
      const work = signWork(["alice", "carol"], made, message, { path, options });
      const signed = await outcomes(runAll(vaults, work)) as Map<string, Outcome & { kind: "sign" }>;
      const under = signingKey(key, { path, options });
      for (const { signatures: [signature] } of signed.values()) {
        assert.ok(verifySignature(under, message, signature!), `${seed} ${merkleRoot}`);
      }
    }
    for (const vault of vaults.values()) await vault.close();
  }
});
