/**
 * Commands for batches: what they may say, who is shown what, and what comes of orders that say one thing and bring
 * another.
 */
import assert from "node:assert/strict";
import type { ApprovalRequest, ItemInput, SignRequest } from "../../mod.ts";
import { verify } from "../../mod.ts";
import type { Command } from "../../src/cluster/records/command.ts";
import { encodeItems } from "../../src/cluster/records/items.ts";
import { encodeOrder } from "../../src/cluster/records/order.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { InputError } from "../../src/errors.ts";
import { maxCommandFrame, maxItemsBytes } from "../../src/limits.ts";
import type { SignItem } from "../../src/schemes/scheme.ts";
import { signingKey } from "../../src/schemes/schemes.ts";
import { acceptRecord, declineRecord } from "../../src/session/invite.ts";
import { readSigned } from "../../src/session/signed.ts";
import { item } from "../sim/item.ts";
import { attemptBy, streamOf } from "./by_hand.ts";
import { assertWorks } from "./honest.ts";
import { codeOf, commandOf, inPlaceOf, next, resultOf } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

const text = (message: string) => new TextEncoder().encode(message);
const three: readonly SignItem[] = [
  item({ message: text("one") }),
  item({ message: text("two"), path: [7] }),
  item({ message: text("three") }),
];
const signs: Partial<Command> = { kind: "sign", wallet: "treasury", threshold: 0, members: [] };

/** How often `name` has warned of a frame that is not what it says. */
const warnings = (scene: Scene, name: string): number =>
  scene.everyone(name).events.flatMap((event) =>
    event.type === "warning" && event.code === "unauthentic-frame" && event.peer === scene.peer(name)
      ? [event.count]
      : []
  ).reduce((sum, count) => sum + count, 0);

/** What an order may bring beside a command for `three`. */
const brought: Record<string, readonly SignItem[]> = {
  "no items": [],
  "one item less": three.slice(1),
  "one item more": [...three, three[0]!],
  "the items in another order": three.toReversed(),
  "another message in the last": [...three.slice(0, 2), item({ message: text("four") })],
  "another path in the second": [three[0]!, { ...three[1]!, path: [8] }, three[2]!],
  "options in the second": [three[0]!, { ...three[1]!, options: new Uint8Array(1) }, three[2]!],
};

Deno.test("Commands for a batch are dropped, with a warning, where the order brings other items than were signed for", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  for (const [what, items] of Object.entries(brought)) {
    const command = await commandOf(scene, eve.identity, { ...signs, items: three });
    assert.equal(await codeOf(scene, eve, command, { items }), "broken", what);
  }
  for (const itemCount of [0, 1, 2, 4, 256]) {
    const command = await commandOf(scene, eve.identity, { ...signs, items: three, itemCount });
    assert.equal(await codeOf(scene, eve, command, { items: three }), "broken", `${itemCount} instead of 3`);
  }
  await scene.clock.pass(20_000);
  assert.equal(warnings(scene, "alice"), Object.keys(brought).length + 5);
  const good = await commandOf(scene, eve.identity, { ...signs, items: three });
  const result = await resultOf(scene, eve, good, { items: three });
  assert.ok(typeof result !== "string" && result.code === null && result.signatures.length === 3);
});

Deno.test("Invites for a batch are dropped, with a warning, where they bring one member other items than the command says", async () => {
  const asked: ApprovalRequest[] = [];
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) =>
      name === "bob" ? { approve: (request) => (asked.push(request), Promise.resolve("accept")) } : {},
  });
  asked.length = 0;
  for (const [what, items] of Object.entries(brought)) {
    const { invite } = await attemptBy(scene, "carol", ["bob", "carol"], { items: three });
    const channel = await streamOf(scene, "carol", "bob", protocols.invite);
    await channel.send(encodeOrder({ signed: invite, items }));
    assert.equal(await next(scene, channel, 1_000), "broken", what);
  }
  await scene.clock.pass(20_000);
  assert.equal(warnings(scene, "bob"), Object.keys(brought).length);
  assert.deepEqual(asked, [], "nobody is asked about them");
  const { invite } = await attemptBy(scene, "carol", ["bob", "carol"], { items: three });
  const channel = await streamOf(scene, "carol", "bob", protocols.invite);
  await channel.send(encodeOrder({ signed: invite, items: three }));
  const { identity } = scene.everyone("bob");
  assert.ok(await readSigned(identity, acceptRecord, await next(scene, channel, 1_000) as Uint8Array));
});

const kib = (n: number) => new Uint8Array(n * 1024).fill(1);
/** Items that a command may be signed for, and that no node signs. */
const refused: Record<string, { items: readonly SignItem[]; scheme?: "ecdsa" }> = {
  "more than 64 KiB of messages together": {
    items: [item({ message: kib(33) }), item({ message: kib(32) })],
  },
  "a hardened path in the last": { items: [...three, item({ path: [0, 2 ** 31] })] },
  "a hash in the second": { items: [three[0]!, item({ hash: "sha256" })] },
  "a digest in the second": { items: [three[0]!, item({ digest: new Uint8Array(32).fill(7) })] },
  "options in the second": { items: [three[0]!, item({ options: new Uint8Array(1) })] },
  "nothing": { items: [] },
};
/** Items that no order brings. */
const unreadable: Record<string, readonly SignItem[]> = {
  "257 items": Array.from({ length: 257 }, () => item({ message: hello })),
  "more than 72 KiB when encoded": Array.from({ length: 256 }, () => item({ path: Array(53).fill(2 ** 30) })),
  "a path of 256 steps": [item(), item({ path: Array(256).fill(0) })],
};

Deno.test("Commands for a batch are refused by a coordinator and by a member, whatever was signed, for items that nobody may sign", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  const { identity } = scene.everyone("bob");
  const invited = async (items: readonly SignItem[]) => {
    const { invite } = await attemptBy(scene, "carol", ["bob", "carol"], { items });
    const channel = await streamOf(scene, "carol", "bob", protocols.invite);
    await channel.send(encodeOrder({ signed: invite, items }));
    const answer = await next(scene, channel, 1_000);
    if (!(answer instanceof Uint8Array)) return answer;
    return (await readSigned(identity, declineRecord, answer))?.value.code ?? "accept";
  };
  for (const [what, { items }] of Object.entries(refused)) {
    const command = await commandOf(scene, eve.identity, { ...signs, items });
    assert.equal(await codeOf(scene, eve, command, { items }), "session-mismatch", what);
    assert.equal(await invited(items), "session-mismatch", what);
  }
  for (const [what, items] of Object.entries(unreadable)) {
    const command = await commandOf(scene, eve.identity, { ...signs, items });
    assert.equal(await codeOf(scene, eve, command, { items }), "broken", what);
    assert.equal(await invited(items), "broken", what);
  }
  const { length } = encodeItems(unreadable["more than 72 KiB when encoded"]!);
  assert.ok(length > maxItemsBytes && length < maxCommandFrame - 2_048, `${length} bytes fit into a frame`);
  const most = [item({ message: kib(32) }), item({ message: kib(32) })];
  const command = await commandOf(scene, eve.identity, { ...signs, items: most });
  assert.equal(await codeOf(scene, eve, command, { items: most }), null, "64 KiB together");
  const many = Array.from({ length: 256 }, (_, i) => item({ message: text(`${i}`), path: [i] }));
  const all = await commandOf(scene, eve.identity, { ...signs, items: many });
  assert.equal(await codeOf(scene, eve, all, { items: many }), null, "256 items");
  await assertWorks(scene);
});

Deno.test("Consent to a batch: a person is shown every item in order, with the key that signs it, and exactly these are signed", async () => {
  for (const scheme of ["ed25519", "bip340"] as const) {
    const asked: ApprovalRequest[] = [];
    await using scene = await Scene.start({
      threshold: 2,
      scheme,
      node: (name) =>
        name === "bob" ? { approve: (request) => (asked.push(request), Promise.resolve("accept")) } : {},
    });
    asked.length = 0;
    const merkleRoot = scheme === "bip340" ? { merkleRoot: new Uint8Array(32).fill(3) } : {};
    const items = three.map(({ message, path }, i) => ({
      message,
      path,
      ...i === 2 && merkleRoot,
    })) as ItemInput[];
    const { value } = await scene.signBatch(["alice", "bob"], items);
    const [request] = asked;
    assert.ok(request?.kind === "sign" && asked.length === 1, "one question about all of them");
    assert.deepEqual(
      request.items.map(({ message, digest, hash, path }) => ({ message, digest, hash, path })),
      items.map(({ message, path }) => ({ message, digest: null, hash: null, path })),
    );
    for (const [i, shown] of request.items.entries()) {
      assert.ok(verify(scene.key, items[i]!, value![i]!), `item ${i}`);
      assert.deepEqual(shown.publicKey, value![i]!.publicKey);
      assert.deepEqual(
        shown.options,
        scheme === "bip340" ? { merkleRoot: null, ...i === 2 && merkleRoot } : {},
      );
    }
    const options = new Uint8Array();
    if (scheme === "ed25519") {
      assert.deepEqual(request.items[1]!.publicKey, signingKey(scene.key, { path: [7], options }).publicKey);
    }
  }
});

Deno.test("Consent to a batch: a no to it is a no to all of it", async () => {
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) =>
      name === "bob"
        ? {
          approve: ({ kind, ...request }) =>
            Promise.resolve(
              kind === "sign" && "items" in request && request.items.some(({ path }) => path.length > 0)
                ? "decline"
                : "accept",
            ),
        }
        : {},
  });
  const items = three.map(({ message, path }) => ({ message, path }));
  const seen = await scene.signBatch(["alice", "bob"], items);
  assert.equal(seen.error?.code, "declined");
  assert.ok((await scene.signBatch(["alice", "bob"], items.filter(({ path }) => path.length === 0))).value);
});

Deno.test("Batches are carried out once: repeated they are answered with the same signatures, and after a restart too", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  const command = await commandOf(scene, eve.identity, { ...signs, items: three });
  const answer = async () => {
    const result = await resultOf(scene, eve, command, { items: three });
    assert.ok(typeof result !== "string" && result.code === null, JSON.stringify(result));
    return result.signatures.map((bytes) => bytes.toHex());
  };
  const first = await answer();
  assert.equal(new Set(first).size, 3);
  assert.deepEqual(await answer(), first);
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  assert.deepEqual(await answer(), first, "after a restart");
});

Deno.test("sign() names the item of a batch that it does not take, and its field", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const good = { message: hello };
  const bad: [what: unknown, field: string, text: string][] = [
    [{ items: [] }, "items", "expected 1 to 256, found 0"],
    [{ items: null }, "items", "expected a list, found something else"],
    [{ items: { 0: good, length: 1 } }, "items", "expected a list, found something else"],
    [{ items: Array(257).fill(good) }, "items", "expected 1 to 256, found 257"],
    [
      { items: [good], message: hello },
      "message",
      "expected it in each item of a batch, found it beside them",
    ],
    [{ items: [good], path: [1] }, "path", "expected it in each item of a batch, found it beside them"],
    [
      { items: [good], merkleRoot: new Uint8Array() },
      "merkleRoot",
      "expected it in each item of a batch, found it beside them",
    ],
    [{ items: [good, good, {}] }, "items[2].message", "expected bytes, found none"],
    [
      { items: [good, { message: kib(65) }] },
      "items[1].message",
      "expected at most 65536 bytes, found 66560",
    ],
    [
      { items: [{ message: kib(33) }, { message: kib(32) }] },
      "items",
      "expected at most 65536 bytes of messages together, found 66560",
    ],
    [
      { items: Array(256).fill({ message: new Uint8Array(255), path: Array(4).fill(2 ** 30) }) },
      "items",
      "expected at most 73728 bytes when encoded, found",
    ],
    [
      { items: Array(256).fill({ message: hello, path: [0, 0, 0, 0, 0] }) },
      "items",
      "expected at most 1024 steps in all paths together, found 1280",
    ],
    [
      { items: [good, { message: hello, path: [1, 2 ** 31] }] },
      "items[1].path",
      "expected non-hardened indices, found 2147483648 in step 2",
    ],
    [
      { items: [good, { digest: new Uint8Array(32).fill(1) }] },
      "items[1].digest",
      "expected a message for ed25519",
    ],
    [
      { items: [{ message: hello, hash: "sha256" }] },
      "items[0].hash",
      "expected none for ed25519, found sha256",
    ],
    [
      { items: [good, { message: hello, merkleRoot: new Uint8Array() }] },
      "items[1].merkleRoot",
      "expected none for a key of this scheme, found one",
    ],
  ];
  for (const [what, field, said] of bad) {
    const request = { wallet: "treasury", scheme: "ed25519", ...what as object } as SignRequest;
    assert.throws(() => scene.node("alice").sign(request), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.equal(error.field, field);
      assert.ok(error.message.startsWith(`${field}: ${said}`), error.message);
      return true;
    });
  }
  await assertWorks(scene);
});
