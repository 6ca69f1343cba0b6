import assert from "node:assert/strict";
import type { GroupKey, Scheme, Signature } from "../../mod.ts";
import { nostrSigner } from "../../src/signers/nostr.ts";
import { type SigningNode, signingWith } from "../../src/signers/signing.ts";
import { solanaSigner } from "../../src/signers/solana.ts";
import { viemAccount } from "../../src/signers/viem.ts";
import { SigningCluster } from "./cluster.ts";

const text = (message: string) => ({ message: new TextEncoder().encode(message) });

/** A client that is no node, and answers with these signatures. It keeps what it was asked. */
function client(signatures: readonly Signature[]) {
  const asked: Parameters<SigningNode["sign"]>[] = [];
  const sign: SigningNode["sign"] = (...request) => {
    asked.push(request as Parameters<SigningNode["sign"]>);
    return { result: Promise.resolve(signatures as never) };
  };
  return { asked, sign };
}

Deno.test("signingWith() takes no signature by another key, of another message, or too few", async () => {
  await using cluster = await SigningCluster.start("ed25519");
  const { node, key, signers } = cluster;
  const items = [text("one"), text("two")];
  const own = await cluster.until(signingWith(node, key, "ed25519", { signers }).sign(items));
  const child = await cluster.until(signingWith(node, key, "ed25519", { signers, path: [1] }).sign(items));
  const good = signingWith(client(own), key, "ed25519", {});
  assert.deepEqual(await good.sign(items), own);
  for (const signatures of [child, own.toReversed(), own.slice(0, 1), []]) {
    const { sign } = signingWith(client(signatures), key, "ed25519", {});
    await assert.rejects(sign(items), { name: "InputError", field: "key" });
  }
});

Deno.test("signingWith() takes no form of an ECDSA signature that another key has made", async () => {
  await using cluster = await SigningCluster.start("ecdsa");
  const { node, key, signers } = cluster;
  const item = { ...text("one"), hash: "keccak256" } as const;
  const [own] = await cluster.until(signingWith(node, key, "ecdsa", { signers }).sign([item]));
  const [other] = await cluster.until(signingWith(node, key, "ecdsa", { signers, path: [1] }).sign([item]));
  assert.deepEqual(await signingWith(client([own!]), key, "ecdsa", {}).sign([item]), [own]);
  const mixed = { ...own!, ethereum: other!.ethereum };
  await assert.rejects(signingWith(client([mixed]), key, "ecdsa", {}).sign([item]), {
    name: "InputError",
    field: "key",
  });
});

Deno.test("signingWith() passes on the labels, the lifetime, and the signals of the options and of the call", async () => {
  await using cluster = await SigningCluster.start("ed25519");
  const { node, key, signers } = cluster;
  const own = await cluster.until(signingWith(node, key, "ed25519", { signers }).sign([text("one")]));
  const labels = { note: "why", reference: "17", signers, keyId: key.session };
  for (const which of ["options", "call"]) {
    const [ofOptions, ofCall] = [new AbortController(), new AbortController()];
    const fake = client(own);
    const { signal } = ofOptions;
    const signing = signingWith(fake, key, "ed25519", { ...labels, lifetimeMs: 5_000, signal });
    await signing.sign([text("one")], ofCall.signal);
    const [[request, how]] = fake.asked as [Parameters<SigningNode["sign"]>];
    assert.deepEqual(request, {
      ...labels,
      wallet: key.wallet,
      scheme: "ed25519",
      items: [{ path: [], ...text("one") }],
    });
    assert.equal(how!.lifetimeMs, 5_000);
    const reason = new Error("the customer left");
    (which === "options" ? ofOptions : ofCall).abort(reason);
    assert.equal(how!.signal!.reason, reason, which);
  }
  const fake = client(own);
  await signingWith(fake, key, "ed25519", {}).sign([text("one")]);
  assert.deepEqual(fake.asked[0]![1], {}, "no signal, where there is none");
});

Deno.test("a signer refuses a key of another scheme, and a path that leads to no child", () => {
  const node = client([]);
  const publicKey = Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  const keyFor = (scheme: Scheme) =>
    ({ wallet: "treasury", scheme, publicKey, chainCode: new Uint8Array(32) }) as unknown as GroupKey;
  const signers = { ecdsa: viemAccount, ed25519: solanaSigner, bip340: nostrSigner };
  for (const [own, signer] of Object.entries(signers)) {
    for (const scheme of ["ecdsa", "ed25519", "bip340"] as const) {
      if (scheme === own) continue;
      assert.throws(() => signer(node, keyFor(scheme)), { name: "InputError", field: "scheme" });
    }
  }
  for (const signer of [viemAccount, nostrSigner]) {
    const scheme = signer === viemAccount ? "ecdsa" : "bip340";
    const hardened = () => signer(node, keyFor(scheme), { path: [2 ** 31] });
    assert.throws(hardened, { name: "InputError", field: "path" });
  }
});
