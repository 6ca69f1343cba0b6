/**
 * Two holders and a client without a share, in one process, with nothing but the installed package: they make a key of each
 * scheme and sign. OpenSSL verifies. A program of its own, copied into an empty folder.
 * @module
 */
import assert from "node:assert/strict";
import { createPublicKey, getCurves, type JsonWebKeyInput, verify } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNode, explain, type QuorateNode, type Right, type Roster, signRoster } from "@quorate/quorate";
import { createKeyFile, keyFile, sqliteStore, webSockets } from "@quorate/quorate/server";

const peers: readonly [name: string, rights: Right[]][] = [
  ["alice", ["holder", "manager", "initiator"]],
  ["bob", ["holder"]],
  ["client", ["initiator"]],
];
const message = new TextEncoder().encode("packed");
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** Waits until a node knows a key. */
async function known(
  node: QuorateNode,
  { wallet, scheme }: { wallet: string; scheme: string },
): Promise<void> {
  const has = async () => (await node.keys()).some((key) => key.wallet === wallet && key.scheme === scheme);
  for (let tries = 0; !await has(); tries++) {
    assert.ok(tries < 600, "the key is known within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

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
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(
    false,
  );
  const jwk = {
    kty: "EC",
    crv: "secp256k1",
    x: base64url(point.slice(1, 33)),
    y: base64url(point.slice(33)),
  };
  return verify("sha256", message, createPublicKey(asJwk(jwk)), der);
}

const asJwk = (key: Record<string, string>): JsonWebKeyInput => ({ key, format: "jwk" });

/** A port that is free at this moment: the roster names it before anybody listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function start(folder: string, roster: Roster, name: string): Promise<QuorateNode> {
  const listen = roster.peers.find((peer) => peer.name === name)!.addresses;
  return await createNode({
    identity: await keyFile(join(folder, `${name}.age`)),
    roster,
    store: sqliteStore(join(folder, `${name}.db`)),
    transport: webSockets({ listen: [...listen] }),
    approve: "roster",
  });
}

/** Waits until the holders have their link, and everyone is connected. */
async function together(nodes: readonly QuorateNode[]): Promise<void> {
  const misses = (node: QuorateNode) =>
    [...node.peers.values()].some(({ rights, connected, link }) =>
      !connected || rights.includes("holder") && isHolder(node) && link !== "up"
    );
  for (let tries = 0; nodes.some(misses); tries++) {
    assert.ok(tries < 600, "all are together within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isHolder = ({ self, roster }: QuorateNode) =>
  roster.peers.some(({ peer, rights }) => peer === self && rights.includes("holder"));

const folder = await mkdtemp(join(tmpdir(), "quorate-packed-"));
const entries = [];
for (const [name, rights] of peers) {
  const { peer } = await createKeyFile(join(folder, `${name}.age`));
  const addresses = rights.includes("holder") ? [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`] : [];
  entries.push({ peer, name, addresses, rights });
}
const roster = await signRoster(await createKeyFile(join(folder, "admin.age")), entries, null);
const nodes = await Promise.all(peers.map(([name]) => start(folder, roster, name)));
const [alice, , client] = nodes as [QuorateNode, QuorateNode, QuorateNode];
await together(nodes);
const signed: string[] = [];
try {
  for (const scheme of ["ed25519", "ecdsa"] as const) {
    const key = await alice.generateKey({ wallet: "treasury", scheme, threshold: 2 }).result;
    for (const node of [alice, client]) {
      await known(node, key);
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
