import assert from "node:assert/strict";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import { protocols } from "../../src/cluster/context.ts";
import { signRoster } from "../../mod.ts";
import { decodePackage, encodePackage } from "../../src/keystore/key_rows.ts";
import { readSigned } from "../../src/session/signed.ts";
import type { FailureCode } from "../../mod.ts";
import type { PublicKeyPackage } from "../../src/ports.ts";
import { assertWorks } from "./honest.ts";
import { commandOf, framed, inPlaceOf, next, type RawPeer, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

/** What is no name: as of peers, and of a wallet beside “Trésor”. */
const none: Record<string, string> = {
  "nothing": "",
  "decomposed": "Tre\u0301sor",
  "a blank behind it": "Trésor ",
  "a joiner behind it": "Trésor\u200b",
  "turned around": "\u202erosérT",
  "a blank alone": " ",
  "two lines": "Trésor\nsigned",
  "a terminal's escape": "x\u001b[1A\u001b[2K",
  "a filler that is drawn as nothing": "Trésor\u3164",
  "65 letters": "T".repeat(65),
  "half a character": "Tr\ud83d",
};

async function commanded(scene: Scene, by: RawPeer, wallet: string): Promise<FailureCode | null | string> {
  const channel = await reach(scene, by, "alice", protocols.command);
  await channel.send(framed(await commandOf(scene, by.identity, { wallet })));
  for (;;) {
    const said = await next(scene, channel, 40_000);
    if (!(said instanceof Uint8Array)) return said;
    const result = await readSigned(by.identity, resultRecord, said);
    if (result?.by === scene.peer("alice")) return result.value.code;
  }
}

Deno.test("generateKey() refuses a name that is none, and so does every member whoever signs the command", async () => {
  await using scene = await Scene.start({ consoles: ["eve"] });
  for (const [what, wallet] of Object.entries(none)) {
    const request = { wallet, curve: "ed25519", threshold: 2 } as const;
    assert.throws(
      () => scene.node("alice").generateKey(request),
      { name: "InputError", field: "wallet" },
      what,
    );
  }
  const eve = await inPlaceOf(scene, "eve");
  for (const [what, wallet] of Object.entries(none)) {
    if (!wallet.isWellFormed() || wallet.length > 64) continue; // cannot be written down
    assert.equal(await commanded(scene, eve, wallet), "session-mismatch", what);
  }
  await assertWorks(scene);
});

Deno.test("A key record with a name that is none does not decode: no row, certificate or backup has one", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { wallet, curve, epoch, threshold, members, publicKey, verifyingShares, chainCode } = scene.key;
  const good: PublicKeyPackage = {
    wallet,
    curve,
    epoch,
    threshold,
    members,
    publicKey,
    verifyingShares,
    chainCode,
  };
  assert.deepEqual(decodePackage(encodePackage(good)), good);
  for (const [what, wallet] of Object.entries(none)) {
    if (!wallet.isWellFormed()) continue;
    assert.throws(() => decodePackage(encodePackage({ ...good, wallet })), TypeError, what);
  }
});

Deno.test("A wallet is not made under a name that looks like another's, at the asker and at every member", async () => {
  await using scene = await Scene.start({ consoles: ["eve"], threshold: 2 });
  const alike = ["Treasury", "trеasury", "ｔｒｅａｓｕｒｙ", "TREASURY"];
  for (const wallet of alike) {
    const request = { wallet, curve: "ed25519", threshold: 2 } as const;
    assert.throws(
      () => scene.node("alice").generateKey(request),
      {
        name: "InputError",
        field: "wallet",
        message: /no other wallet's looks like, found “.*” beside “treasury”/,
      },
    );
  }
  const eve = await inPlaceOf(scene, "eve");
  for (const wallet of alike) {
    assert.equal(await commanded(scene, eve, wallet.normalize("NFC")), "wallet-exists", wallet);
  }
  assert.equal(await commanded(scene, eve, "treasury 2"), null);
  const other = { wallet: "treasury", curve: "secp256k1", threshold: 2 } as const;
  scene.node("alice").generateKey(other).cancel(); // the same wallet's key for the other curve
  await assertWorks(scene);
});

Deno.test("signRoster() refuses two peers whose names look alike", async () => {
  await using scene = await Scene.start();
  const { admin, roster: { peers } } = scene.cluster;
  for (const name of ["Bob", "ВОВ", "bоb"]) {
    const changed = peers.map((peer) => peer.name === "alice" ? { ...peer, name } : peer);
    await assert.rejects(signRoster(admin, changed, null), {
      name: "InputError",
      field: /^peers\[\d\]\.name$/,
      message: /no other's looks like/,
    });
  }
});
