import { verifiedSymbol, verifyEvent } from "nostr-tools/pure";
import { npubEncode } from "nostr-tools/nip19";
import assert from "node:assert/strict";
import { childKey, npub } from "../../mod.ts";
import { nostrSigner } from "../../src/signers/nostr.ts";
import { SigningCluster } from "./cluster.ts";

for (const path of [[], [44, 1237]]) {
  Deno.test(`nostrSigner() of m/${path.join("/")} signs events that nostr-tools verifies`, async () => {
    await using cluster = await SigningCluster.start("bip340");
    const { node, key, asked, signers } = cluster;
    const signer = nostrSigner(node, key, { path, signers, note: "say gm" });
    const publicKey = await signer.getPublicKey();
    assert.equal(npubEncode(publicKey), npub(childKey(key, path)));
    const template = { kind: 1, created_at: 1_700_000_000, tags: [["t", "frost"]], content: 'gm "all"\n' };
    const event = await cluster.until(signer.signEvent(template));
    assert.ok(event[verifiedSymbol]);
    const sent = JSON.parse(JSON.stringify(event));
    assert.ok(verifyEvent(sent));
    assert.equal(sent.pubkey, publicKey);
    assert.ok(!verifyEvent({ ...JSON.parse(JSON.stringify(event)), content: "gn" }));
    const read = new TextDecoder().decode(asked[0]!.items[0]!.message!);
    assert.deepEqual(JSON.parse(read), [0, publicKey, 1_700_000_000, 1, [["t", "frost"]], 'gm "all"\n']);
    assert.equal(asked[0]!.note, "say gm");
  });
}

Deno.test("nostrSigner() refuses an event that has no id all agree on, and asks nobody", async () => {
  await using cluster = await SigningCluster.start("bip340");
  const { node, key, asked, signers } = cluster;
  const signer = nostrSigner(node, key, { signers });
  const event = { kind: 1, created_at: 1, tags: [], content: "\u0001" };
  await assert.rejects(signer.signEvent(event), { name: "InputError", field: "content" });
  assert.deepEqual(asked, []);
});
