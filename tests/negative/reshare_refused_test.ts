import assert from "node:assert/strict";
import { InputError } from "../../src/errors.ts";
import type { ApprovalRequest, Approve } from "../../src/cluster/commands/consent/approval.ts";
import type { PeerId } from "../../src/failure.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { Disks } from "./disks.ts";
import { codeOf, commandOf, inPlaceOf } from "./raw_peer.ts";
import { after, assertSigns, before, everyone, handOver, withTreasury } from "./reshare_scene.ts";
import { hello, type Scene } from "./scene.ts";

/** What a member that declines says of it. */
const declinedBy = (scene: Scene, name: string, code: string) => [{ by: scene.peer(name), code, peers: [] }];

for (const [name, role] of [["bob", "dealer"], ["dave", "recipient"], ["carol", "witness"]] as const) {
  Deno.test(`reshare() takes place with no ${role} that refuses it, and the key is as it was`, async () => {
    const asked: ApprovalRequest[] = [];
    const approve: Approve = (request) => {
      if (request.kind !== "generate") asked.push(request);
      return Promise.resolve(request.kind === "reshare" ? "decline" : "accept");
    };
    await using scene = await withTreasury({ node: (peer) => peer === name ? { approve } : {} });
    const { error } = await handOver(scene);
    assert.equal(error?.code, "declined");
    assert.deepEqual(error!.claims, declinedBy(scene, name, "declined"));
    const peers = (names: readonly string[]): PeerId[] =>
      scene.inOrder(names).map((peer) => scene.peer(peer));
    const [{ id: _id, expires: _expires, ...request }] = asked as [ApprovalRequest];
    assert.deepEqual(request, {
      kind: "reshare",
      wallet: "treasury",
      scheme: "ed25519",
      initiator: scene.peer("alice"),
      note: "",
      reference: "",
      party: peers(everyone),
      keyId: scene.key.session,
      epoch: 1,
      before: { threshold: 2, members: peers(before) },
      threshold: 2,
      members: peers(after),
      dealers: peers(["alice", "bob"]),
      gone: [],
      refusals: [],
      frozen: false,
    });
    await assertSigns(scene, before, 1);
  });
}

Deno.test("reshare() is covered by no rule for signatures, and by one for managers", async () => {
  for (const managers of [false, true]) {
    await using scene = await withTreasury({
      more: (name, { admin: _ }) => {
        if (name !== "bob") return {};
        const anyone = new Proxy([] as PeerId[], {
          get: (list, field) => field === "includes" ? () => true : Reflect.get(list, field),
        });
        const treasury = { treasury: anyone };
        return { approve: { initiators: treasury, ...(managers && { managers: treasury }) } };
      },
    });
    const { error, value } = await handOver(scene);
    if (managers) assert.equal(value?.epoch, 2, error?.code);
    else assert.deepEqual(error?.claims, declinedBy(scene, "bob", "declined"));
  }
});

Deno.test("reshare() is asked for by no peer without the right of a manager: not here, and not by a command of its own", async () => {
  await using scene = await withTreasury({ consoles: ["eve"], rights: { eve: ["initiator", "observer"] } });
  await scene.clock.pass(2_000);
  const request = { wallet: "treasury", scheme: "ed25519", threshold: 2, members: [] } as const;
  assert.throws(
    () => scene.node("eve").reshare(request),
    (error) => error instanceof InputError && error.field === "identity" && /manager/.test(error.message),
  );
  const eve = await inPlaceOf(scene, "eve");
  assert.equal(await codeOf(scene, eve, await dealtAnew(scene, eve.identity)), "not-authorized");
  await assertSigns(scene, before, 1);
});

type Identity = Parameters<typeof commandOf>[1];

/** A command to hand the key over, but for what is changed. */
function dealtAnew(scene: Scene, by: Identity, changes: Parameters<typeof commandOf>[2] = {}) {
  const peers = (names: readonly string[]) => scene.inOrder(names).map((name) => scene.peer(name));
  return commandOf(scene, by, {
    kind: "reshare",
    wallet: "treasury",
    keyId: Uint8Array.fromHex(scene.key.session),
    epoch: 1,
    threshold: 2,
    members: peers(after),
    dealers: peers(["alice", "bob"]),
    gone: [],
    ...changes,
  });
}

Deno.test("A command for a resharing is carried out as it is asked for, and never one that names a retired epoch", async () => {
  await using scene = await withTreasury({ consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  const peer = (name: string) => scene.peer(name);
  const code = async (changes: Parameters<typeof commandOf>[2]) =>
    await codeOf(scene, eve, await dealtAnew(scene, eve.identity, changes));
  assert.equal(await code({ epoch: 2 }), "epoch-mismatch");
  assert.equal(await code({ keyId: new Uint8Array(32) }), "unknown-wallet");
  assert.equal(await code({ dealers: [peer("alice")] }), "session-mismatch");
  assert.equal(await code({ wallet: "payroll" }), "session-mismatch");
  assert.equal(await code({ dealers: scene.inOrder(["alice", "dave"]).map(peer) }), "session-mismatch");
  assert.equal(
    await code({ members: scene.inOrder(["alice", "dave"]).map(peer), gone: [peer("alice")] }),
    "session-mismatch",
  );
  assert.equal(await code({ threshold: 3 }), "session-mismatch");
  assert.equal(await code({}), null);
  await scene.clock.pass(3_000);
  await assertSigns(scene, after, 2);
  assert.equal(await code({}), "epoch-mismatch", "that epoch is retired");
  const signs = {
    kind: "sign",
    wallet: "treasury",
    members: [] as string[],
    dealers: [] as string[],
    threshold: 0,
  } as const;
  assert.equal(await code(signs), "epoch-mismatch", "nobody signs with it either");
  await assertSigns(scene, after, 2);
});

Deno.test("A holder that was away during a resharing learns of it, and its share of the epoch before is erased", async () => {
  await using scene = await withTreasury();
  scene.cluster.kill("carol");
  await scene.clock.pass(1_000);
  const { value, error } = await scene.reshare(after, { gone: ["carol"] });
  assert.equal(value?.epoch, 2, error?.code);
  await scene.clock.pass(2_000);
  assert.deepEqual(
    (await scene.node("bob").keys())[0]!.past[0]!.erased.map((peer) => scene.nameOf(peer)).sort(),
    ["alice", "bob"],
  );
  await scene.cluster.boot("carol");
  await scene.cluster.linked();
  const signed = await scene.sign(after, { by: "carol" });
  assert.ok(signed.value, `it asks for the epoch that is there: ${signed.error?.code}`);
  await scene.clock.pass(3_000);
  await assertSigns(scene, after, 2);
  for (const name of everyone) {
    const [{ past }] = await scene.node(name).keys() as [
      Awaited<ReturnType<ReturnType<Scene["node"]>["keys"]>>[0],
    ];
    assert.deepEqual(past.map(({ epoch, held }) => [epoch, held]), [[1, false]], name);
    assert.deepEqual(past[0]!.erased.map((peer) => scene.nameOf(peer)).sort(), before, name);
  }
});

Deno.test("Of two resharings of one key at once one takes place, and the other is busy", async () => {
  await using scene = await withTreasury();
  const [one, other] = await Promise.all([
    scene.reshare(after, { by: "alice", dealers: ["alice", "bob"] }),
    scene.reshare(["carol", "dave"], { by: "bob", dealers: ["alice", "bob"] }),
  ]);
  const won = [one, other].filter(({ value }) => value !== null);
  assert.equal(won.length, 1, "the same one gives way at every member");
  for (const { value, error } of [one, other]) {
    if (value) continue;
    const codes = [error!.code, ...error!.claims.map(({ code }) => code)];
    assert.ok(codes.includes("wallet-busy"), JSON.stringify([error!.code, error!.claims]));
    assert.deepEqual(error!.culprits, []);
  }
  await scene.clock.pass(10_000);
  await assertSigns(scene, won[0] === one ? after : ["carol", "dave"], 2);
});

Deno.test("sign() goes on while the key is dealt anew", async () => {
  await using scene = await withTreasury();
  const resharing = handOver(scene);
  const signed = await Promise.all(
    [["alice", "bob"], ["bob", "carol"], ["alice", "carol"]].map((signers) =>
      scene.sign(signers, { message: hello })
    ),
  );
  assert.equal((await resharing).value?.epoch, 2);
  for (const { value, error } of signed) assert.ok(value, error?.code);
  await scene.clock.pass(3_000);
  await assertSigns(scene, after, 2);
});

Deno.test("reshare() with a dealer whose share is gone is declined by it", async () => {
  const disks = new Disks();
  await using scene = await withTreasury({ store: disks.store });
  scene.cluster.kill("bob");
  const disk = await disks.copy("bob");
  const { identity } = scene.everyone("bob");
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const rows = sealedRecords(disk, await openDataKey(disk, identity.secrets(), random), random);
  await rows.erase(`key/${scene.key.session}`);
  await disks.putBack(scene, "bob", disk);
  await scene.cluster.linked();
  await scene.clock.pass(2_000);
  const { error } = await handOver(scene);
  assert.equal(error?.code, "declined");
  assert.deepEqual(error!.claims, declinedBy(scene, "bob", "unknown-wallet"));
  // The others deal, and bob has a share again.
  const { value } = await scene.reshare(before, { dealers: ["alice", "carol"] });
  assert.equal(value?.epoch, 2);
  await scene.clock.pass(3_000);
  await assertSigns(scene, before, 2);
});
