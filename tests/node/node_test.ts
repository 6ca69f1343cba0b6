import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { Cluster } from "../sim/cluster.ts";

const hello = new TextEncoder().encode("hello threshold");

Deno.test("sign() gives a signature that any Ed25519 verifier accepts, with a key that nobody ever held", async () => {
  await using cluster = await Cluster.start();
  const { node } = cluster.at("alice");
  const key = await cluster.clock.until(
    node.generateKey({ wallet: "treasury", scheme: "ed25519", threshold: 2 }).result,
  );
  assert.equal(key.publicKey.length, 32);
  const signature = await cluster.clock.until(
    node.sign({ wallet: "treasury", scheme: "ed25519", message: hello }).result,
  );
  assert.ok(ed25519.verify(signature.bytes, hello, key.publicKey, { zip215: false }));
});
