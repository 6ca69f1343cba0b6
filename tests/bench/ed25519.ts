/**
 * What it costs to verify Ed25519 one way everywhere, in processor time of one call: `deno run -A tests/bench/ed25519.ts`.
 * @module
 */
import process from "node:process";
import { ed25519 } from "@noble/curves/ed25519.js";
import { isWellFormed, keyPoint, verifyEd25519 } from "../../src/crypto/ed25519.ts";
import { peerKey, peerVerifier } from "../../src/identity/peer_key.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { type Figure, figure, machine } from "./figures.ts";

const repeats = 20;

/** One figure out of 20 batches of `count` calls, after one that warms up. */
async function each(name: string, count: number, act: (i: number) => unknown): Promise<Figure> {
  const values: number[] = [];
  for (let batch = 0; batch <= repeats; batch++) {
    const { user, system } = process.cpuUsage();
    for (let i = 0; i < count; i++) await act(batch * count + i);
    const used = process.cpuUsage();
    if (batch > 0) values.push((used.user + used.system - user - system) / 1000 / count);
  }
  return figure(name, "ms", values, { calls: repeats * count });
}

const { peer, sign } = await peerKey(platformRandom(32));
const message = platformRandom(300);
const signature = await sign(message);
const seed = platformRandom(32);
const publicKey = ed25519.getPublicKey(seed);
const own = ed25519.sign(message, seed);
const verify = peerVerifier();
const fresh: Uint8Array[] = [];
for (
  let i = 0, point = ed25519.Point.BASE;
  i < (repeats + 1) * 10;
  i++, point = point.add(ed25519.Point.BASE)
) {
  fresh.push(point.toBytes());
}

console.log(await machine());
const figures = [
  await each("isWellFormed(): S and R of a signature", 2_000, () => isWellFormed(signature)),
  await each("keyPoint(): a key that was looked at before", 2_000, () => keyPoint(publicKey)),
  await each("keyPoint(): a key for the first time", 10, (i) => keyPoint(fresh[i]!)),
  await each("peerVerifier(): WebCrypto with these checks", 100, () => verify(peer, message, signature)),
  await each("verifyEd25519(): noble with these checks", 50, () => verifyEd25519(publicKey, message, own)),
  await each(
    "noble's own verify, with the cofactor, for comparison",
    50,
    () => ed25519.verify(own, message, publicKey, { zip215: false }),
  ),
];
for (const one of figures) console.log(JSON.stringify(one));
