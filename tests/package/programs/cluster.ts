/**
 * Two holders and a client without a share, in one process, with nothing but the installed package: they make a key of each
 * scheme and sign. OpenSSL verifies. A program of its own, copied into an empty folder.
 * @module
 */
import assert from "node:assert/strict";
import { createPublicKey, getCurves, type JsonWebKeyInput, verify } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain, type QuorateNode, type Right } from "@quorate/quorate";
import { makePeers, patience, start, together } from "./peers.ts";

const peers: Readonly<Record<string, readonly Right[]>> = {
  alice: ["holder", "manager", "initiator"],
  bob: ["holder"],
  client: ["initiator"],
};
const message = new TextEncoder().encode("packed");
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** Asks for a signature and has OpenSSL verify it. */
async function signWith(node: QuorateNode, key: Awaited<ReturnType<QuorateNode["keys"]>>[number]) {
  const { wallet, publicKey } = key;
  if (key.scheme === "ed25519") {
    const { bytes } = await node.sign({ wallet, scheme: "ed25519", message }).result;
    const jwk = { kty: "OKP", crv: "Ed25519", x: base64url(publicKey) };
    return verify(null, message, createPublicKey(asJwk(jwk)), bytes);
  }
  assert.equal(key.scheme, "ecdsa");
  const { der } = await node.sign({ wallet, scheme: "ecdsa", message, hash: "sha256" }).result;
  const { secp256k1 } = await import("@noble/curves/secp256k1.js");
  if (!getCurves().includes("secp256k1")) return secp256k1.verify(der, message, publicKey, { format: "der" }); // Bun
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  const jwk = {
    kty: "EC",
    crv: "secp256k1",
    x: base64url(point.slice(1, 33)),
    y: base64url(point.slice(33)),
  };
  return verify("sha256", message, createPublicKey(asJwk(jwk)), der);
}

const asJwk = (key: Record<string, string>): JsonWebKeyInput => ({ key, format: "jwk" });

const folder = await mkdtemp(join(tmpdir(), "quorate-packed-"));
const roster = await makePeers(folder, peers);
const nodes = await Promise.all(Object.keys(peers).map((name) => start(folder, roster, name)));
const [alice, , client] = nodes as [QuorateNode, QuorateNode, QuorateNode];
await together(nodes);
const signed: string[] = [];
try {
  for (const scheme of ["ed25519", "ecdsa"] as const) {
    const key = await alice.generateKey({ wallet: "treasury", scheme, threshold: 2 }).result;
    for (const node of [alice, client]) {
      await node.ready({ keys: [{ wallet: key.wallet, scheme }], signal: AbortSignal.timeout(patience) });
      assert.ok(await signWith(node, key), `${scheme}: OpenSSL takes the signature`);
      signed.push(scheme);
    }
  }
} catch (error) {
  if (error instanceof Error && "failure" in error) {
    console.error(explain(error.failure as Parameters<typeof explain>[0], (peer) => peer));
  }
  throw error;
}
console.log(JSON.stringify({ signed, hex: "fromHex" in Uint8Array }));
await Promise.all(nodes.map((node) => node.stop()));
await rm(folder, { recursive: true });
