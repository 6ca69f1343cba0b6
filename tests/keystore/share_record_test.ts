import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { decode, encode } from "cborg";
import assert from "node:assert/strict";
import { groups } from "../../src/crypto/group.ts";
import { SessionError } from "../../src/errors.ts";
import type { PublicKeyPackage } from "../../src/ports.ts";
import { openShare, sealShare, type ShareOf } from "../../src/keystore/share_record.ts";
import { makeKey } from "../protocol/keys.ts";

const session = new Uint8Array(32).fill(7);

async function sealed(scheme: "ed25519" | "ecdsa" = "ed25519") {
  const storageKey = await generateX25519Identity();
  const { key, shares } = await makeKey({ curve: scheme === "ecdsa" ? "secp256k1" : scheme });
  const of: ShareOf = { peer: "bob", key, session };
  const share = shares.get("bob")!;
  return { storageKey, key, shares, of, share, file: await sealShare(storageKey, of, share) };
}

async function assertCorrupt(opening: Promise<unknown>, what: string): Promise<void> {
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof SessionError, what);
    assert.deepEqual([error.code, error.culprits], ["share-corrupt", []], what);
    return true;
  }, what);
}

/** The record inside, as whoever has the storage key's recipient could write it. */
async function rewritten(file: Uint8Array, storageKey: string, change: (fields: unknown[]) => unknown[]) {
  const decrypter = new Decrypter();
  decrypter.addIdentity(storageKey);
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(storageKey));
  return await encrypter.encrypt(encode(change(decode(await decrypter.decrypt(file)))));
}

for (const scheme of ["ed25519", "ecdsa"] as const) {
  Deno.test(`openShare() opens what sealShare() sealed, on ${scheme}, and wipes it afterwards`, async () => {
    const { storageKey, of, share, file } = await sealed(scheme);
    let kept: Uint8Array;
    {
      using opened = await openShare(storageKey, of, file);
      assert.deepEqual(opened.share, share);
      kept = opened.share;
    }
    assert.deepEqual(kept, new Uint8Array(32));
  });
}

Deno.test("sealShare() writes an age file that has the share nowhere in it", async () => {
  const { file, share } = await sealed();
  assert.ok(new TextDecoder().decode(file).startsWith("age-encryption.org/v1\n-> X25519 "));
  assert.ok(!file.toHex().includes(share.toHex()));
});

Deno.test("openShare() refuses the file of another storage key", async () => {
  const { of, file } = await sealed();
  await assertCorrupt(openShare(await generateX25519Identity(), of, file), "another key");
});

Deno.test("openShare() refuses a share that is bound to anything else than it is asked for", async () => {
  const { storageKey, key, file } = await sealed();
  const other = await makeKey({ seed: "other" });
  const changes: Partial<PublicKeyPackage>[] = [
    { wallet: "treasurer" },
    { wallet: "" },
    { scheme: "ecdsa" },
    { epoch: 1 },
    { threshold: 3 },
    { members: ["bob", "alice", "carol"] },
    { members: ["alice", "bob"] },
    { publicKey: other.key.publicKey },
    { verifyingShares: other.key.verifyingShares },
    { chainCode: other.key.chainCode },
  ];
  for (const change of changes) {
    const opening = openShare(storageKey, { peer: "bob", key: { ...key, ...change }, session }, file);
    await assertCorrupt(opening, Object.keys(change).join());
  }
  for (const peer of ["alice", "mallory", "__proto__"]) {
    await assertCorrupt(openShare(storageKey, { peer, key, session }, file), peer);
  }
});

Deno.test("openShare() refuses the share of another session, though the key is the same in all else", async () => {
  const { storageKey, of, file } = await sealed();
  for (const other of [session.with(0, 8), session.with(31, 8), session.subarray(1), new Uint8Array()]) {
    await assertCorrupt(openShare(storageKey, { ...of, session: other }, file), other.toHex());
  }
});

Deno.test("openShare() refuses a share that does not give its verifying share, though all else fits", async () => {
  const { storageKey, of, shares, file } = await sealed();
  const { order, encodeScalar } = groups.ed25519;
  const tooBig = Uint8Array.fromHex(order.toString(16).padStart(64, "0")).reverse();
  for (const share of [shares.get("alice")!, new Uint8Array(32), encodeScalar(order - 1n), tooBig]) {
    const forged = await rewritten(file, storageKey, (fields) => [...fields.slice(0, -1), share]);
    await assertCorrupt(openShare(storageKey, of, forged), share.toHex());
  }
  const same = await rewritten(file, storageKey, (fields) => fields);
  using opened = await openShare(storageKey, of, same);
  assert.equal(opened.share.length, 32);
});

Deno.test("openShare() refuses another record under the same key", async () => {
  const { storageKey, of, file } = await sealed();
  const changes: ((fields: unknown[]) => unknown[])[] = [
    (fields) => ["quorate/1/vote", ...fields.slice(1)],
    (fields) => fields.slice(0, -1),
    (fields) => [...fields, 0],
    () => [],
  ];
  for (const change of changes) {
    await assertCorrupt(
      openShare(storageKey, of, await rewritten(file, storageKey, change)),
      change.toString(),
    );
  }
});

Deno.test("openShare() refuses a file with any byte changed, or cut anywhere", async () => {
  const { storageKey, of, file } = await sealed();
  for (let i = 0; i < file.length; i++) {
    await assertCorrupt(openShare(storageKey, of, file.with(i, file[i]! ^ 1)), `byte ${i}`);
  }
  for (let length = 0; length < file.length; length += 13) {
    await assertCorrupt(openShare(storageKey, of, file.subarray(0, length)), `${length} bytes`);
  }
});
