import assert from "node:assert/strict";
import type { ApprovalRequest, Approve } from "../../mod.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { encodeOrder } from "../../src/cluster/records/order.ts";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import type { Scheme } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { readSigned } from "../../src/session/signed.ts";
import { assertWorks } from "./honest.ts";
import { commandOf, framed, next } from "./raw_peer.ts";
import type { Cluster } from "../sim/cluster.ts";
import { item } from "../sim/item.ts";
import { hello, Scene } from "./scene.ts";

const hook = (asked: ApprovalRequest[], answer: Approve): Approve => (request, options) => {
  if (request.kind === "generate") return Promise.resolve("accept");
  asked.push(request);
  return answer(request, options);
};
const no = () => Promise.resolve("decline" as const);
const yes = () => Promise.resolve("accept" as const);
const never = () => new Promise<never>(() => {});

/** Says yes, `ms` later. */
const later = (scene: () => Scene, ms: number): Approve => async () => {
  await new Promise<void>((resolve) => scene().clock.timer(ms, resolve));
  return "accept";
};

for (const scheme of ["ed25519", "ecdsa"] as const satisfies Scheme[]) {
  Deno.test(`Consent: a coordinator asks itself before its share is used, whoever names it (${scheme})`, async () => {
    const asked: Record<string, ApprovalRequest[]> = { alice: [], bob: [] };
    await using scene = await Scene.start({
      threshold: 2,
      scheme,
      node: (name) => name in asked ? { approve: hook(asked[name]!, no) } : {},
    });
    // Carol is honest code with a dishonest owner: she names bob as coordinator, and herself as the other signer.
    const { identity, node } = scene.everyone("carol");
    const items = [item({ message: hello, hash: scheme === "ed25519" ? "none" : "sha256" })];
    const command = await commandOf(scene, identity, {
      kind: "sign",
      scheme,
      wallet: "treasury",
      members: [],
      threshold: 0,
      items,
      coordinators: [scene.peer("bob")],
      signers: [scene.peer("bob"), scene.peer("carol")].sort(),
    });
    const { network } = node;
    const channel = await scene.clock.until(network.open(scene.peer("bob"), protocols.command, {}));
    await channel.send(framed(command, items));
    let code: string | null | undefined;
    for (
      let frame = await next(scene, channel);
      frame instanceof Uint8Array;
      frame = await next(scene, channel)
    ) {
      const result = await readSigned(identity, resultRecord, frame);
      if (result) code = result.value.code;
    }
    assert.equal(code, "declined");
    assert.equal(asked.bob!.length, 1, "bob's person was asked, once");
    assert.equal(asked.alice!.length, 0);
  });
}

Deno.test("Consent: a console's command asks every signer exactly once, the coordinator too", async () => {
  const asked = new Map<string, ApprovalRequest[]>(["alice", "bob", "carol"].map((name) => [name, []]));
  await using scene = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: (name) => asked.has(name) ? { approve: hook(asked.get(name)!, yes) } : {},
  });
  const seen = await scene.sign(["bob", "carol"], { by: "eve" });
  assert.ok(seen.value, seen.error?.code);
  assert.deepEqual([...asked].map(([name, { length }]) => [name, length]), [["alice", 0], ["bob", 1], [
    "carol",
    1,
  ]]);
  await assertWorks(scene);
});

Deno.test("Consent: who asks is not asked, and a person that takes ten seconds is asked once, at t = 3 too", async () => {
  const asked: ApprovalRequest[] = [];
  const box: { scene?: Scene } = {};
  await using scene = await Scene.start({
    threshold: 3,
    node: (name) => ({
      approve: name === "bob"
        ? hook(asked, later(() => box.scene!, 10_000))
        : name === "alice"
        ? hook([], no)
        : "roster",
    }),
  });
  box.scene = scene;
  const seen = await scene.sign(["alice", "bob", "carol"]);
  assert.ok(seen.value, seen.error?.code);
  assert.equal(asked.length, 1);
  const asking = seen.view("alice").filter((event) => event.type === "asking");
  assert.deepEqual(asking.map((event) => "other" in event && scene.nameOf(event.other as PeerId)), ["bob"]);
  const attempts = new Set(
    seen.view("alice").filter(({ type }) => type === "proposed").map(({ attempt }) => attempt),
  );
  assert.equal(attempts.size, 2, "all are invited once more when bob has said yes");
});

Deno.test("Consent: the coordinator's own person is waited for before any go, and the initiator sees asking", async () => {
  const asked: ApprovalRequest[] = [];
  const box: { scene?: Scene } = {};
  await using scene = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: () => ({ approve: hook(asked, later(() => box.scene!, 20_000)) }),
  });
  box.scene = scene;
  const seen = await scene.sign(["alice", "bob"], { by: "eve" });
  assert.ok(seen.value, seen.error?.code);
  assert.equal(asked.length, 2);
  const session = scene.node("eve").session(seen.id)!;
  const told: string[] = [];
  for await (const event of session.events()) {
    if (event.type === "asking") told.push(scene.nameOf(event.other));
  }
  assert.deepEqual(told.sort(), ["alice", "bob"]);
});

Deno.test("Consent: nobody answered is unanswered, with whose person it was in missing, at coordinator and initiators alike", async () => {
  await using scene = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: (name) => name === "bob" ? { approve: hook([], never) } : {},
  });
  for (const by of ["alice", "eve"]) {
    const signers = ["alice", "bob"].map((name) => scene.peer(name));
    const began = scene.clock.now();
    const seen = await scene.watch(() =>
      scene.node(by).sign({ wallet: "treasury", scheme: "ed25519", message: hello, signers }, {
        lifetimeMs: 20_000,
      })
    );
    assert.equal(seen.error?.code, "unanswered", by);
    assert.deepEqual(seen.error?.missing, [scene.peer("bob")], by);
    assert.ok(scene.clock.now() - began >= 20_000);
    const end = seen.view("alice").find(({ type }) => type === "failed");
    assert.ok(end?.type === "failed" && end.code === "unanswered");
    assert.deepEqual(end.missing, [scene.peer("bob")]);
  }
  const own = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: () => ({ approve: hook([], never) }),
  });
  await using _closed = own;
  const seen = await own.watch(() =>
    own.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello }, { lifetimeMs: 5_000 })
  );
  assert.equal(seen.error?.code, "unanswered");
  assert.equal(seen.error?.missing.length, 2, "the coordinator's own person did not answer either");
});

Deno.test("Consent: a command of the own key that this node did not ask for is asked about like any other", async () => {
  const asked: ApprovalRequest[] = [];
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) => name === "bob" ? { approve: hook(asked, no) } : {},
  });
  // Bob's key signs a command elsewhere: his node has it from nobody who is asking here.
  const { identity } = scene.everyone("bob");
  const command = await commandOf(scene, identity, {
    kind: "sign",
    wallet: "treasury",
    members: [],
    threshold: 0,
    items: [item({ message: hello })],
    signers: ["alice", "bob"].map((name) => scene.peer(name)).sort(),
    coordinators: [scene.peer("alice")],
  });
  const { network } = scene.node("bob");
  const channel = await scene.clock.until(network.open(scene.peer("alice"), protocols.command, {}));
  await channel.send(encodeOrder({ signed: command, items: [item({ message: hello })] }));
  await scene.clock.pass(5_000);
  assert.equal(asked.length, 1);
  assert.equal(asked[0]!.initiator, scene.peer("bob"));
  const end = scene.everyone("alice").events.find(({ type }) => type === "failed");
  assert.ok(end?.type === "failed" && end.code === "declined");
});

Deno.test("Consent: people who think hold up nobody else's commands", async () => {
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) => name === "bob" ? { approve: hook([], never) } : {},
  });
  const node = scene.node("alice");
  const signers = [scene.peer("alice"), scene.peer("bob")];
  const thinking = Array.from(
    { length: 8 },
    () => node.sign({ wallet: "treasury", scheme: "ed25519", message: hello, signers }),
  );
  await scene.clock.pass(1_000);
  const before = scene.clock.now();
  const seen = await scene.clock.until(
    node.sign({
      wallet: "treasury",
      scheme: "ed25519",
      message: hello,
      signers: [signers[0]!, scene.peer("carol")],
    })
      .result,
  );
  assert.ok(seen.bytes.length === 64);
  assert.ok(scene.clock.now() - before < 1_000, `${scene.clock.now() - before} ms`);
  for (const session of thinking) session.cancel();
  await scene.clock.until(Promise.allSettled(thinking.map(({ result }) => result)));
});

Deno.test("Consent: a question is withdrawn when nobody waits for it any more, and an answer after that signs nothing", async () => {
  const box: { signal?: AbortSignal; say?: (answer: "accept") => void } = {};
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) =>
      name === "bob"
        ? {
          approve: hook([], (_request, { signal }) => {
            box.signal = signal;
            return new Promise((resolve) => box.say = resolve);
          }),
        }
        : {},
  });
  const session = scene.node("alice").sign({
    wallet: "treasury",
    scheme: "ed25519",
    message: hello,
    signers: [scene.peer("alice"), scene.peer("bob")],
  });
  await scene.clock.pass(1_000);
  assert.equal(box.signal?.aborted, false);
  session.cancel();
  await scene.clock.pass(5_000);
  assert.equal(box.signal?.aborted, true);
  box.say!("accept");
  await scene.clock.pass(5_000);
  assert.equal(await scene.clock.until(session.result.catch((error) => error.code)), "cancelled");
  const opened = scene.everyone("bob").events.filter((event) =>
    event.type === "opened" && event.kind === "sign"
  );
  assert.deepEqual(opened, []);
});

Deno.test("Consent: an allow-list says yes to its initiators for its wallets, and no to all others", async () => {
  const box: { cluster?: Cluster } = {};
  await using scene = await Scene.start({
    threshold: 2,
    consoles: ["eve", "mallory"],
    made: (cluster) => box.cluster = cluster,
    node: (name) => {
      const listed = () => ["alice", "eve"].map((peer) => box.cluster!.peer(peer));
      return name === "bob" ? { approve: { initiators: { treasury: listed() } } } : {};
    },
  });
  assert.ok((await scene.sign(["alice", "bob"], { by: "eve" })).value);
  assert.equal((await scene.sign(["alice", "bob"], { by: "mallory" })).error?.code, "declined");
  assert.equal((await scene.generate("another", 2)).error?.code, "declined", "not a wallet of the list");
});

Deno.test("Consent: the same invite twice leaves the session that came of the first one alone", async () => {
  const invites: { bytes: Uint8Array; from: PeerId; to: PeerId }[] = [];
  await using scene = await Scene.start({
    threshold: 3,
    carry: () => ({ bytes, protocol, from, to }) => {
      if (protocol === protocols.invite) invites.push({ bytes, from, to });
      return [{ bytes, afterMs: protocol === protocols.session ? 100 : 5 }];
    },
  });
  invites.length = 0;
  // The last in the order of ids opens no stream itself: it waits for those of the two others.
  const [coordinator, , member] = scene.inOrder() as [string, string, string];
  const to = scene.peer(member);
  const { network } = scene.node(coordinator);
  const session = scene.node(coordinator).sign({ wallet: "treasury", scheme: "ed25519", message: hello });
  const sent = () => invites.filter((frame) => frame.from === scene.peer(coordinator) && frame.to === to);
  // The first frame is the invite, the second the go: right after it the invite comes once more.
  for (let waited = 0; waited < 100 && sent().length < 2; waited++) await scene.clock.pass(1);
  const again = network.open(to, protocols.invite, {}).then(async (channel) => {
    await channel.send(sent()[0]!.bytes);
    return channel;
  });
  const outcome = await scene.clock.until(session.result.then(() => "signed", (error) => error.code));
  (await scene.clock.until(again)).abort();
  assert.equal(outcome, "signed");
  await scene.clock.pass(2_000);
  const end = scene.view(member, session.id).at(-1);
  assert.equal(end?.type, "done");
});
