import { secp256k1 } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import { signingKey } from "../../src/schemes/schemes.ts";
import { childKey, verify } from "../../mod.ts";
import * as mod from "../../mod.ts";
import { type Command, commandRecord } from "../../src/cluster/records/command.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { ApprovalRequest } from "../../src/cluster/commands/consent/approval.ts";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import { InputError } from "../../src/errors.ts";
import type { SignItem } from "../../src/schemes/scheme.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { readSigned } from "../../src/session/signed.ts";
import { item } from "../sim/item.ts";
import { ecdsaScene, nobodyBanned } from "./ecdsa_scene.ts";
import { commandOf, framed, inPlaceOf, next, reach } from "./raw_peer.ts";
import { hello, type Scene } from "./scene.ts";

const order = secp256k1.Point.Fn.ORDER;
const big = (number: bigint) => Uint8Array.fromHex(number.toString(16).padStart(64, "0"));
const hash = "sha256";

Deno.test("No part of a signature can be made before its digest is known: there is no presigning", async () => {
  assert.deepEqual(Object.keys(schemes.ecdsa.signing(1).rounds), ["extend", "correct", "finish"]);
  await using scene = await ecdsaScene();
  const names = [...Object.keys(mod), ...Object.keys(scene.node("alice"))];
  assert.deepEqual(names.filter((name) => /pre-?sign/i.test(name)), []);
  // A session without a digest does not begin.
  const { wallet, scheme } = scene.key;
  assert.throws(() => scene.node("alice").sign({ wallet, scheme } as never), InputError);
  const rows = [];
  for (const name of scene.names) {
    assert.ok((await scene.sign(["alice", "bob"])).value);
    rows.push(...await scene.everyone(name).store.names(""));
  }
  assert.deepEqual(
    rows.filter((row) =>
      !/^(key|pair|command|data-key|outcome|boot|roster|past-roster|generation|starts|clock|seen)/.test(row)
    ),
    [],
  );
});

Deno.test("sign() of one digest under two paths is two sessions with nothing in common, each under its own child", async () => {
  await using scene = await ecdsaScene();
  const signed = await Promise.all([[0], [1], []].map((path) => scene.sign(["alice", "bob"], { path })));
  const values = signed.map(({ value }) => value!);
  const sessions = signed.map((seen) => seen.view("alice").find(({ type }) => type === "opened")!.session);
  assert.equal(new Set(sessions).size, 3);
  assert.equal(new Set(values.map(({ bytes }) => bytes.slice(0, 32).toHex())).size, 3, "three nonces");
  for (const [i, path] of [[0], [1], []].entries()) {
    assert.ok(verify(childKey(scene.key, path), hello, values[i]!));
    for (const other of [[0], [1], []]) {
      if (other.join() !== path.join()) assert.ok(!verify(childKey(scene.key, other), hello, values[i]!));
    }
  }
});

Deno.test("sign() refuses what is no digest, a hardened or too deep path, and other than t signers", async () => {
  await using scene = await ecdsaScene();
  const { wallet, scheme } = scene.key;
  const [alice, bob, carol] = scene.names.map((name) => scene.peer(name)) as [string, string, string];
  const digest = (bytes: Uint8Array) => ({ digest: bytes, hash });
  const bad: [object, string][] = [
    [digest(new Uint8Array(31).fill(1)), "digest"],
    [digest(new Uint8Array(33).fill(1)), "digest"],
    [digest(new Uint8Array(0)), "digest"],
    [digest(new Uint8Array(32)), "digest"],
    [digest(big(order)), "digest"],
    [digest(new Uint8Array(32).fill(255)), "digest"],
    [{ digest: big(1n) }, "hash"],
    [{ digest: big(1n), hash: "md5" }, "hash"],
    [{ digest: big(1n), hash, message: hello }, "digest"],
    [{ message: hello, hash: "none" }, "hash"],
    [{ message: hello, path: [2 ** 31] }, "path"],
    [{ message: hello, path: [-1] }, "path"],
    [{ message: hello, path: [0.5] }, "path"],
    [{ message: hello, path: Array(300).fill(0) }, "path"],
    [{ message: hello, signers: [alice] }, "signers"],
    [{ message: hello, signers: [alice, bob, carol] }, "signers"],
    [{ message: hello, signers: [alice, alice] }, "signers"],
    [{ message: hello, signers: [alice, "12D3KooWNobody"] }, "signers"],
  ];
  for (const [request, field] of bad) {
    assert.throws(
      () => scene.node("alice").sign({ wallet, scheme, ...request } as never),
      (error) => error instanceof InputError && error.field === field,
      JSON.stringify(request),
    );
  }
  for (const bytes of [big(1n), big(order - 1n), big(0xffn << 200n), new Uint8Array(32).with(31, 1)]) {
    const request = { wallet, scheme, digest: bytes, hash, signers: [alice, bob] } as const;
    const { value } = await scene.watch(() => scene.node("alice").sign(request));
    assert.ok(verify(scene.key, { digest: bytes, hash }, value!), bytes.toHex());
  }
  const { value } = await scene.sign(["alice", "bob"], { message: new Uint8Array() });
  assert.ok(verify(scene.key, new Uint8Array(), value!), "an empty message has a digest too");
});

Deno.test("sign() shows who approves the message and what makes its digest, or that there is a digest alone", async () => {
  const asked: ApprovalRequest[] = [];
  await using scene = await ecdsaScene({
    node: (name) =>
      name === "bob"
        ? {
          approve: (request) => {
            asked.push(request);
            return Promise.resolve(
              request.kind === "sign" && request.items[0]!.message === null ? "decline" : "accept",
            );
          },
        }
        : {},
  });
  const path = [44, 60];
  const { value } = await scene.sign(["alice", "bob"], { hash: "keccak256", path });
  assert.ok(value?.scheme === "ecdsa");
  const { wallet, scheme } = scene.key;
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const blind = await scene.watch(() =>
    scene.node("alice").sign({ wallet, scheme, digest: value.digest, hash: "keccak256", signers })
  );
  assert.equal(blind.error?.code, "declined");
  const about = {
    kind: "sign",
    wallet,
    scheme,
    keyId: scene.key.session,
    initiator: scene.peer("alice"),
    note: "",
    reference: "",
    party: signers.toSorted(),
  };
  const shown = { hash: "keccak256", digest: value.digest };
  assert.equal(asked.shift()?.kind, "generate", "the key itself was asked for first");
  const told = asked.map(({ expires, id, ...rest }) => {
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.ok(expires > scene.clock.now() && expires <= scene.clock.now() + 300_000, "in which time");
    return rest;
  });
  assert.deepEqual(told, [
    {
      ...about,
      items: [{
        ...shown,
        message: hello,
        path,
        options: {},
        publicKey: signingKey(scene.key, { path, options: new Uint8Array() }).publicKey,
      }],
    },
    {
      ...about,
      items: [{ ...shown, message: null, path: [], options: {}, publicKey: scene.key.publicKey }],
    },
  ]);
  assert.equal(await nobodyBanned(scene), null);
});

/** Changes of a command that signs a message, and of that item. */
type Changes = Partial<Command> & { item?: Partial<SignItem> };

/** What alice says to a command that carol's keys have signed, and no node of carol's has looked at. */
async function said(scene: Scene, { item: fields = {}, ...changes }: Changes) {
  const items = [item({ message: hello, hash: "sha256", ...fields })];
  const carol = await inPlaceOf(scene, "carol");
  const { wallet, scheme } = scene.key;
  const command = await commandOf(scene, carol.identity, {
    kind: "sign",
    wallet,
    scheme,
    threshold: 0,
    members: [],
    items,
    signers: ["alice", "bob"].map((name) => scene.peer(name)).sort(),
    ...changes,
  });
  assert.ok(await readSigned(carol.identity, commandRecord, command));
  const channel = await reach(scene, carol, "alice", protocols.command);
  await channel.send(framed(command, items));
  for (;;) {
    const frame = await next(scene, channel, 30_000);
    if (!(frame instanceof Uint8Array)) return frame;
    const result = await readSigned(carol.identity, resultRecord, frame);
    if (result) {
      channel.abort();
      await carol.network.stop();
      await scene.cluster.boot("carol");
      await scene.cluster.linked();
      return result.value.code;
    }
  }
}

Deno.test("A command for other than t members, a stranger, a digest that is none or a hardened path begins nothing", async () => {
  await using scene = await ecdsaScene({ consoles: ["eve"] });
  const [alice, bob, carol] = scene.names.map((name) => scene.peer(name)) as [string, string, string];
  const none = new Uint8Array();
  const bad: Record<string, Changes> = {
    "t - 1": { signers: [alice] },
    "t + 1": { signers: [alice, bob, carol].sort() },
    "a stranger": { signers: [alice, scene.peer("eve")].sort() },
    "twice": { signers: [alice, alice] },
    "a digest of 31 bytes": { item: { message: none, digest: new Uint8Array(31).fill(1) } },
    "a digest of zeros": { item: { message: none, digest: new Uint8Array(32) } },
    "a digest from the order on": { item: { message: none, digest: new Uint8Array(32).fill(255) } },
    "message and digest": { item: { digest: new Uint8Array(32).fill(1) } },
    "no hash": { item: { hash: "none" } },
    "a hardened path": { item: { path: [2 ** 31] } },
  };
  assert.equal(await said(scene, {}), null, "the command itself is good");
  // Bob's own: he hears of alice's too, later.
  const opened = () =>
    scene.everyone("bob").events.filter((event) =>
      event.type === "opened" && event.kind === "sign" && event.peer === scene.peer("bob")
    ).length;
  await scene.clock.pass(1_000);
  const before = opened();
  for (const [what, changes] of Object.entries(bad)) {
    const code = await said(scene, changes);
    assert.ok(code === "broken" || typeof code === "string" && code !== "nothing", `${what}: ${code}`);
    assert.equal(opened(), before, what);
  }
  assert.equal(await nobodyBanned(scene), null);
});
