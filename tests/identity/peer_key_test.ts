import assert from "node:assert/strict";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey, peerIdFromString } from "@libp2p/peer-id";
import { ed25519 } from "@noble/curves/ed25519.js";
import { base58 } from "@scure/base";
import { InputError } from "../../src/errors.ts";
import { peerIdOf, peerKey, peerVerifier, publicKeyOf } from "../../src/identity/peer_key.ts";
import { asWebKitGTK, beginningWithZeros } from "../crypto/webkitgtk.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const hex = (text: string) => Uint8Array.fromHex(text);

Deno.test("peerKey() has the peer id that libp2p gives to the seed", async () => {
  for (let i = 0; i < 20; i++) {
    const seed = random(32);
    const { peer } = await peerKey(seed);
    assert.equal(peer, peerIdFromPrivateKey(await generateKeyPairFromSeed("Ed25519", seed)).toString());
    assert.match(peer, /^12D3Koo\w{45}$/);
    assert.deepEqual(publicKeyOf(peer), ed25519.getPublicKey(seed));
  }
});

Deno.test("peerKey() signs as in RFC 8032 §7.1, test 2", async () => {
  const seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const { peer, sign } = await peerKey(seed);
  const signature = await sign(Uint8Array.of(0x72));
  assert.deepEqual(
    publicKeyOf(peer),
    hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
  );
  assert.deepEqual(
    signature,
    hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
  );
  assert(await peerVerifier()(peer, Uint8Array.of(0x72), signature));
});

Deno.test("peerKey() signs with a seed that begins with zero, also where WebKitGTK refuses it", async () => {
  const message = random(40);
  for (const zeros of [1, 2, 31]) {
    const seed = beginningWithZeros(zeros);
    const made = asWebKitGTK(() => peerKey(seed));
    await assert.doesNotReject(made);
    const { peer, sign } = await made;
    const signature = await sign(message);
    assert.deepEqual(signature, ed25519.sign(message, seed));
    assert(await peerVerifier()(peer, message, signature));
  }
});

Deno.test("peerKey() throws InputError for a seed that is not 32 bytes", async () => {
  for (const length of [0, 31, 33, 64]) await assert.rejects(peerKey(new Uint8Array(length)), InputError);
});

Deno.test("peerIdOf() is the longest and the shortest text for any key: 52 characters", () => {
  assert.equal(peerIdOf(new Uint8Array(32)).length, 52);
  assert.equal(peerIdOf(new Uint8Array(32).fill(255)).length, 52);
  assert.throws(() => peerIdOf(new Uint8Array(31)), InputError);
});

Deno.test("publicKeyOf() takes only the text that peerIdOf() writes", async () => {
  const { peer } = await peerKey(random(32));
  const cid = peerIdFromString(peer).toCID().toString();
  const multihash = base58.decode(peer);
  const altered = (at: number, byte: number) =>
    base58.encode(multihash.map((old, i) => i === at ? byte : old));
  const others = [
    "",
    "alice",
    "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG", // RSA
    "16Uiu2HAm3kJD5sqJRP7i9f7yMPzxQzUqFfaRZUoVSDJEHtPfJ5Eh", // secp256k1
    cid,
    `/p2p/${peer}`,
    ` ${peer}`,
    `${peer}\n`,
    `1${peer}`,
    peer.slice(0, -1),
    `${peer.slice(0, -1)}0`, // not in the alphabet
    peer.toLowerCase(),
    altered(0, 0x12),
    altered(1, 0x23),
    altered(3, 0x02),
    base58.encode(multihash.slice(0, -1)),
    base58.encode(Uint8Array.of(...multihash, 0)),
    "1".repeat(52),
    "z".repeat(52),
    "1".repeat(100_000),
  ];
  for (const other of others) assert.equal(publicKeyOf(other), null, other.slice(0, 60));
  for (const other of [null, undefined, 1, {}, [peer]]) assert.equal(publicKeyOf(other as string), null);
});

Deno.test("publicKeyOf() takes no key whose signatures would be good for every message", async () => {
  const identity = new Uint8Array(32);
  identity[0] = 1;
  const order8 = hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
  const nonCanonical = hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"); // 1 + p
  const offCurve = new Uint8Array(32);
  offCurve[0] = 2;
  for (const publicKey of [identity, order8, nonCanonical, offCurve, new Uint8Array(32)]) {
    const peer = peerIdOf(publicKey);
    assert.equal(publicKeyOf(peer), null);
    // R = S·B = 0 would verify under the identity element.
    const signature = new Uint8Array(64);
    signature[0] = 1;
    assert(!await peerVerifier()(peer, random(10), signature));
  }
});

Deno.test("peerVerifier() says false, and never throws, for any other bytes, peer or message", async () => {
  const { peer, sign } = await peerKey(random(32));
  const other = await peerKey(random(32));
  const verify = peerVerifier();
  const message = random(100);
  const signature = await sign(message);
  assert(await verify(peer, message, signature));
  assert(!await verify(other.peer, message, signature));
  assert(!await verify(peer, message.subarray(1), signature));
  assert(!await verify(peer, message, await other.sign(message)));
  for (const at of signature.keys()) {
    assert(
      !await verify(peer, message, signature.map((byte, i) => i === at ? byte ^ 1 : byte)),
      `byte ${at}`,
    );
  }
  for (const length of [0, 1, 63, 65, 128]) assert(!await verify(peer, message, new Uint8Array(length)));
  for (const junk of ["", "alice", "1".repeat(52), peer.toLowerCase()]) {
    assert(!await verify(junk, message, signature));
  }
  for (const junk of [null, undefined, 1, "text", {}] as unknown as Uint8Array[]) {
    assert(!await verify(peer, message, junk));
    assert(!await verify(peer, junk, signature));
    assert(!await verify(junk as unknown as string, message, signature));
  }
  assert(await verify(peer, message, signature), "and then again what is right");
});

Deno.test("peerVerifier() refuses a signature with another S for the same R (malleability)", async () => {
  const { peer, sign } = await peerKey(random(32));
  const message = random(10);
  const signature = await sign(message);
  const order = ed25519.Point.Fn.ORDER;
  const s = BigInt("0x" + signature.slice(32).reverse().toHex()) + order;
  const again = signature.slice();
  again.set(hex(s.toString(16).padStart(64, "0")).reverse(), 32);
  assert(!await peerVerifier()(peer, message, again));
});

Deno.test("peerVerifier() goes on verifying after more peers than it keeps", async () => {
  const { peer, sign } = await peerKey(random(32));
  const verify = peerVerifier();
  const message = random(10);
  const signature = await sign(message);
  assert(await verify(peer, message, signature));
  for (let i = 0; i < 1100; i++) {
    await verify(peerIdOf(ed25519.Point.BASE.multiply(BigInt(i + 2)).toBytes()), message, signature);
  }
  assert(await verify(peer, message, signature));
});
