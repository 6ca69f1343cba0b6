import { encode } from "cborg";
import assert from "node:assert/strict";
import { groups } from "../../src/crypto/group.ts";
import { InputError } from "../../src/errors.ts";
import type { Scheme } from "../../src/events.ts";
import { checkItem, itemOf, schemeIds, schemes, signingItem, signingKey } from "../../src/schemes/schemes.ts";
import { secretSchemes } from "../../src/schemes/secrets.ts";
import { verifyingSchemes } from "../../src/schemes/verifying/verifying.ts";
import { schemeTexts } from "../../web/text/schemes.ts";
import { makeKey } from "../protocol/keys.ts";

const curves = {
  ed25519: "ed25519",
  ecdsa: "secp256k1",
  bip340: "secp256k1",
} as const satisfies Record<Scheme, string>;
/** The bytes of what a signature verifies under. */
const signingKeyBytes: Record<Scheme, number> = { ed25519: 32, ecdsa: 33, bip340: 32 };
const message = new TextEncoder().encode("hello");

Deno.test("the tables of schemes have the same ids: for anybody, for verifying, for shares, for the page", () => {
  assert.deepEqual(schemeIds, Object.keys(curves));
  for (const table of [schemes, verifyingSchemes, secretSchemes, schemeTexts]) {
    assert.deepEqual(Object.keys(table), schemeIds);
  }
  for (const id of schemeIds) assert.equal(schemes[id].id, id);
});

for (const id of schemeIds) {
  const scheme = schemes[id], secret = secretSchemes[id], group = groups[curves[id]];

  Deno.test(`${id}: pairs are expected where their state is written, and nowhere else`, () => {
    assert.equal(scheme.pairwise, secret.pairs !== null);
  });

  Deno.test(`${id}: shares go to all, or no share can be shown`, () => {
    if (scheme.shares === null) return assert.ok(scheme.pairwise, "only its recipient's state can tell");
    assert.equal(scheme.signing(2).rounds[scheme.shares.share]?.delivery, "broadcast");
    assert.equal(scheme.signing(2).rounds[scheme.shares.commit]?.delivery, "broadcast");
  });

  Deno.test(`${id}: a share is held against its verifying share; 0 and the order are none`, async () => {
    const { key, shares } = await makeKey({ scheme: id });
    const found = key.members.map((peer) => secret.verifyingShareOf(shares.get(peer)!));
    assert.deepEqual(found, key.verifyingShares);
    const big = Uint8Array.fromHex(group.order.toString(16).padStart(64, "0"));
    const order = id === "ed25519" ? big.reverse() : big;
    for (const bad of [new Uint8Array(32), order, new Uint8Array(31), new Uint8Array(33)]) {
      assert.throws(() => secret.verifyingShareOf(bad), Error);
    }
  });

  Deno.test(`${id}: a child of the empty path is the key itself, and a wrong path is refused in its name`, async () => {
    const { key } = await makeKey({ scheme: id });
    const { options } = itemOf(id, { message });
    const length = signingKeyBytes[id];
    assert.deepEqual(signingKey(key, { path: [], options }).publicKey, key.publicKey.slice(-length));
    assert.deepEqual(scheme.childOf(key, []).publicKey, key.publicKey);
    const child = signingKey(key, { path: [1], options });
    assert.deepEqual([child.scheme, child.publicKey.length], [id, length]);
    assert.notDeepEqual(child.publicKey, key.publicKey.slice(-length));
    for (const path of [[2 ** 31], [-1], [0.5], new Array(256).fill(0)]) {
      assert.throws(() => signingKey(key, { path, options }), { name: "InputError", field: "path" });
      assert.throws(() => itemOf(id, { message, path }), { name: "InputError", field: "path" });
    }
  });

  Deno.test(`${id}: verify() is false, and no error, for bytes of any other shape`, async () => {
    const { key } = await makeKey({ scheme: id });
    const payload = signingItem(id, itemOf(id, { message })).payload;
    for (const length of [0, 1, 63, 64, 65, 66, 128]) {
      const bytes = new Uint8Array(length).fill(1);
      for (const publicKey of [key.publicKey, key.publicKey.subarray(1), new Uint8Array()]) {
        assert.equal(scheme.verify(publicKey, payload, bytes), false, `${length}`);
        assert.equal(scheme.verifyAnyForm(publicKey, payload, bytes), false, `${length}`);
      }
    }
  });
}

Deno.test("itemOf() takes from a caller without types only what the scheme signs", () => {
  const digest = new Uint8Array(32).fill(1);
  const wrong: [Scheme, unknown, string][] = [
    ["ed25519", {}, "message"],
    ["ed25519", { message: "hello" }, "message"],
    ["ed25519", { message: new Uint8Array(65_537) }, "message"],
    ["ed25519", { message, hash: "sha256" }, "hash"],
    ["ed25519", { digest, hash: "sha256" }, "hash"],
    ["ed25519", { digest }, "digest"],
    ["ed25519", { message, merkleRoot: new Uint8Array() }, "merkleRoot"],
    ["ecdsa", { message, merkleRoot: new Uint8Array(32) }, "merkleRoot"],
    ["ecdsa", { digest, hash: "sha256", merkleRoot: "" }, "merkleRoot"],
    ["ecdsa", {}, "message"],
    ["ecdsa", { message, hash: "md5" }, "hash"],
    ["ecdsa", { digest }, "hash"],
    ["ecdsa", { message, hash: "other" }, "hash"],
    ["bip340", { message, hash: "other" }, "hash"],
    ["ed25519", { message, hash: "other" }, "hash"],
    ["ecdsa", { message, digest, hash: "sha256" }, "digest"],
    ["ecdsa", { digest: new Uint8Array(), hash: "sha256" }, "digest"],
    ["ecdsa", { digest: new Uint8Array(32), hash: "sha256" }, "digest"],
    ["ecdsa", { digest: new Uint8Array(32).fill(255), hash: "sha256" }, "digest"],
    ["ecdsa", { digest: digest.subarray(1), hash: "sha256" }, "digest"],
    ["bip340", {}, "message"],
    ["bip340", { message, hash: "keccak256" }, "hash"],
    ["bip340", { digest, hash: "sha256" }, "digest"],
    ["bip340", { message, merkleRoot: new Uint8Array(31) }, "merkleRoot"],
    ["bip340", { message, merkleRoot: new Uint8Array(33) }, "merkleRoot"],
    ["bip340", { message, merkleRoot: "" }, "merkleRoot"],
    ["bip340", { message, merkleRoot: [] }, "merkleRoot"],
  ];
  for (const [scheme, input, field] of wrong) {
    assert.throws(
      () => itemOf(scheme, input as never),
      (error) => error instanceof InputError && error.field === field,
      `${scheme} ${JSON.stringify(input)}`,
    );
  }
  const own = { message: message.slice() };
  const fields = itemOf("ed25519", own);
  own.message.fill(0);
  assert.deepEqual(fields, {
    message,
    digest: new Uint8Array(),
    hash: "none",
    options: new Uint8Array(),
    path: [],
  }, "a copy");
});

Deno.test("signingItem() has the payload: the message for ed25519, its digest for ecdsa, and what is asked for bip340", () => {
  assert.equal(
    signingItem("ed25519", itemOf("ed25519", { message })).payload.toHex(),
    message.toHex(),
  );
  const digests = {
    sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    sha256d: "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50",
    keccak256: "1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8",
  } as const;
  for (const [hash, hex] of Object.entries(digests) as [keyof typeof digests, string][]) {
    assert.equal(signingItem("ecdsa", itemOf("ecdsa", { message, hash })).payload.toHex(), hex);
  }
  assert.equal(signingItem("ecdsa", itemOf("ecdsa", { message })).payload.toHex(), digests.sha256);
  const digest = new Uint8Array(32).fill(5);
  assert.deepEqual(signingItem("ecdsa", itemOf("ecdsa", { digest, hash: "other" })).payload, digest);
  assert.equal(
    signingItem("bip340", itemOf("bip340", { message })).payload.toHex(),
    message.toHex(),
  );
  const hashed = itemOf("bip340", { message, hash: "sha256" });
  assert.equal(signingItem("bip340", hashed).payload.toHex(), digests.sha256);
});

Deno.test("checkItem() lets in only the options that a scheme writes itself", () => {
  const plain = itemOf("ed25519", { message });
  const junk = new Uint8Array(1);
  for (const id of ["ed25519", "ecdsa"] as const) {
    const fields = { ...itemOf(id, { message }), options: junk };
    assert.throws(() => checkItem(id, fields), { name: "InputError", field: "options" });
  }
  const ours = "quorate/1/bip340/options";
  const root = new Uint8Array(32).fill(9);
  const good = [null, new Uint8Array(), root].map((merkleRoot) => encode([ours, merkleRoot]));
  for (const options of good) checkItem("bip340", { ...plain, options });
  const wrong = [
    new Uint8Array(),
    junk,
    Uint8Array.of(...good[1]!, 0),
    encode([ours]),
    encode([ours, root.subarray(1)]),
    encode([ours, [...root]]),
    encode([ours, root, root]),
    encode(["quorate/1/other", root]),
  ];
  for (const options of wrong) {
    assert.throws(() => checkItem("bip340", { ...plain, options }), {
      name: "InputError",
      field: "options",
    });
  }
});

Deno.test("itemOf() of bip340 keeps a root of its own, and optionsOf() reads it", () => {
  const root = new Uint8Array(32).fill(9);
  for (const merkleRoot of [undefined, null, new Uint8Array(), root]) {
    const input = merkleRoot === undefined ? { message } : { message, merkleRoot };
    const { options } = itemOf("bip340", input);
    assert.deepEqual(schemes.bip340.optionsOf(options), { merkleRoot: merkleRoot ?? null });
  }
  const { options } = itemOf("bip340", { message, merkleRoot: root });
  root.fill(0);
  assert.deepEqual(schemes.bip340.optionsOf(options), { merkleRoot: new Uint8Array(32).fill(9) });
});
