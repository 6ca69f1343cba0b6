/**
 * No message makes an honest node destroy a share of a key that may be active anywhere.
 */
import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
import { standing } from "../../src/cluster/keys/sync.ts";
import { answerRecord, questionRecord } from "../../src/cluster/keys/sync_question.ts";
import { type Cheat, saying } from "../../src/demo/cheats/cheat_wire.ts";
import { noVote } from "../../src/demo/cheats/session_cheats.ts";
import type { ContradictionEvent } from "../../src/events.ts";
import { maxUnfinished } from "../../src/limits.ts";
import type { Network } from "../../src/ports.ts";
import { encodeRow, isNo, rowName } from "../../src/keystore/key_rows.ts";
import { openRecord, voteRound } from "../../src/session/control.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "../../src/session/envelope.ts";
import { sign } from "../../src/session/signed.ts";
import { saysNo } from "../sim/says_no.ts";
import { Disks } from "./disks.ts";
import { assertWorks } from "./honest.ts";
import { Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];

async function stateOf(scene: Scene, name: string, wallet = "savings") {
  const keys = await scene.node(name).keys();
  return keys.find((key) => key.wallet === wallet)?.state ?? "none";
}

/** What a node has told of a wallet, in order. */
function toldOf(scene: Scene, name: string, wallet = "savings"): string[] {
  const { events, peer } = scene.everyone(name);
  return events.flatMap((event) =>
    event.type === "key" && event.peer === peer && event.wallet === wallet ? [event.state] : []
  );
}

const networkOf = (scene: Scene, name: string) =>
  (scene.node(name) as unknown as { readonly network: Network }).network;

/** Its votes reach only these. */
const votesFor = (scene: Scene, ...names: string[]): Cheat => ({
  ...noVote,
  wrap: (wire) =>
    saying(wire, (said) => said.round !== voteRound || names.includes(scene.nameOf(said.to)) ? [said] : []),
});

/** Asks over sync how a peer stands to a session. */
async function askedBy(scene: Scene, name: string, whom: string, open: Uint8Array) {
  const asking = async () => {
    const channel = await networkOf(scene, name).open(scene.peer(whom), protocols.sync, {
      signal: new AbortController().signal,
    });
    await channel.send(questionRecord.encode({ about: "vote", shown: open }));
    const reply = standing.decode(answerRecord.decode((await channel.receive())!).item);
    await channel.end();
    return reply;
  };
  return await scene.clock.until(asking());
}

type Pair = readonly [string, string];

/** These stay apart until told otherwise; everybody else meets. */
function apart(scene: Scene, ...pairs: readonly Pair[]): void {
  scene.cluster.network.reachable((x, y) =>
    !pairs.some((pair) => pair.includes(scene.nameOf(x)) && pair.includes(scene.nameOf(y)))
  );
}

/** A scene in which these part at the moment at which “savings” becomes active at one of `names`. */
async function parting(names: readonly string[], ...pairs: readonly Pair[]) {
  const disks = new Disks();
  let parted = false;
  const scene: Scene = await Scene.start({
    store: disks.store,
    told: (by, event) => {
      const active = event.type === "key" && event.state === "active" && event.wallet === "savings";
      if (!active || parted || !names.includes(by) || event.peer !== scene.peer(by)) return;
      apart(scene, ...pairs);
      parted = true;
    },
  });
  return { scene, disks, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}

function together(scene: Scene): void {
  scene.cluster.network.reachable(() => true);
}

/** Waits until something is so. */
async function until(scene: Scene, so: () => boolean | Promise<boolean>, most = 90_000): Promise<void> {
  for (let waited = 0; !await so(); waited += 50) {
    assert.ok(waited < most, "it never came to be");
    await scene.clock.pass(50);
  }
}

const contradictionsAt = (scene: Scene, name: string): ContradictionEvent[] =>
  scene.everyone(name).events.filter((event): event is ContradictionEvent => event.type === "contradiction");

Deno.test("A cheater that says yes to one and no to another destroys no share, and is named with proof", async () => {
  await using made = await parting(["alice"], ["alice", "bob"]); // until bob has asked carol
  const { scene } = made;
  scene.arm("carol", votesFor(scene, "alice"));
  saysNo(scene.everyone("carol"));
  const seen = await scene.generate("savings");
  assert.equal(seen.error?.code, "wallet-pending", "bob has not signed that it is active");
  assert.deepEqual(seen.error?.missing, [scene.peer("bob")]);
  await until(scene, () => toldOf(scene, "bob").includes("given-up"));
  together(scene);
  await until(scene, () => toldOf(scene, "bob").includes("active"));
  assert.deepEqual(toldOf(scene, "bob"), ["pending", "given-up", "active"]);
  await scene.cluster.linked();
  for (const name of ["alice", "bob"]) {
    const key = (await scene.node(name).keys()).find(({ wallet }) => wallet === "savings")!;
    assert.equal(key.held, true, name);
  }
  const signed = await scene.sign(["alice", "bob"], { wallet: "savings" });
  assert.ok(signed.value, signed.error?.code);

  await scene.clock.pass(1_000);
  for (const name of ["alice", "bob"]) {
    const [told, ...more] = contradictionsAt(scene, name);
    assert.deepEqual(more, []);
    assert.equal(told?.peer, scene.peer("bob"));
    assert.equal(told?.culprit, scene.peer("carol"));
    const [yes, no] = told!.evidence.map((hex) => decodeEnvelope(Uint8Array.fromHex(hex)));
    assert.deepEqual([yes!.round, no!.round], ["/vote", "/no"]);
    for (const said of [yes!, no!]) {
      assert.equal(said.from, scene.peer("carol"));
      assert.equal(said.session.toHex(), told!.session);
      assert.ok(await verifyStatement(scene.everyone("alice").identity, statementOf(said)));
    }
  }
});

Deno.test("A disk that goes back says lost, and nobody gives up a key for it", async () => {
  await using made = await parting(["alice", "carol"], ["bob", "carol"], ["bob", "alice"]);
  const { scene, disks } = made;
  const before = await disks.copy("alice");
  for (const name of ["alice", "carol"]) scene.arm(name, votesFor(scene, "alice", "carol"));
  const seen = await scene.generate("savings");
  assert.equal(seen.error?.code, "wallet-pending");
  assert.equal(await stateOf(scene, "bob"), "pending");
  await disks.putBack(scene, "alice", before);
  apart(scene, ["bob", "carol"], ["alice", "carol"]);
  await scene.clock.pass(40_000); // bob reaches alice alone, who does not remember
  assert.equal(await stateOf(scene, "bob"), "pending");
  assert.deepEqual(toldOf(scene, "bob"), ["pending"]);
  together(scene);
  await scene.cluster.linked();
  await until(scene, async () => await stateOf(scene, "bob") === "active");
  await until(scene, async () => await stateOf(scene, "alice") === "active");
  const signed = await scene.sign(["bob", "carol"], { wallet: "savings" });
  assert.ok(signed.value, signed.error?.code);

  const savings = { wallet: "savings", curve: "ed25519" } as const;
  const held = async (name: string) =>
    (await scene.node(name).keys()).find(({ wallet }) => wallet === "savings")?.held;
  assert.deepEqual([await held("alice"), await held("bob"), await held("carol")], [false, true, true]);
  for (const name of all) {
    await until(scene, async () => (await scene.node(name).readiness(savings)).ready.length === 2);
    const { ready, missing } = await scene.node(name).readiness(savings);
    assert.ok(missing.includes(scene.peer("alice")), name);
    assert.ok(!ready.includes(scene.peer("alice")), name);
  }
  const asked = await scene.watch(() => scene.node("alice").sign({ ...savings, message: new Uint8Array(1) }));
  assert.ok(asked.value, `alice asks others: ${asked.error?.code}`);
});

/** Bob's process ends when it is to vote: his share may be on disk, and nobody hears of it. */
const leavesAtVote: Cheat = {
  ...noVote,
  wrap: (wire, _about, { exit }) =>
    saying(wire, (said) => {
      if (said.round !== voteRound) return [said];
      exit();
      return [];
    }),
};

Deno.test("giveUp() frees the name of a key whose member never came back, and keeps the share", async () => {
  const disks = new Disks();
  await using scene = await Scene.start({ store: disks.store });
  scene.arm("bob", leavesAtVote);
  const first = await scene.generate("savings");
  assert.equal(first.error?.code, "wallet-pending");
  await scene.clock.pass(10 * 60_000);
  assert.equal(await stateOf(scene, "alice"), "pending", "nothing gives it up by itself");
  const savings = { wallet: "savings", curve: "ed25519" } as const;
  await assert.rejects(scene.node("alice").giveUp({ ...savings, wallet: "other" }), { field: "wallet" });
  await assert.rejects(scene.node("alice").giveUp({ session: "00".repeat(32) }), { field: "session" });
  for (const name of ["alice", "carol"]) {
    await scene.node(name).giveUp(savings);
    assert.equal(await stateOf(scene, name), "none");
    const [row] = await disks.keyRows(scene, name);
    assert.equal(row!.state, "given-up");
    assert.ok(row!.share.length > 0);
    assert.deepEqual(await scene.node(name).givenUp(), [{ ...savings, session: row!.session.toHex() }]);
  }
  const second = await scene.generate("savings", 2, { members: ["alice", "carol"] });
  assert.ok(second.value, `the name is free: ${second.error?.code}`);

  // And should bob come back after all, neither key is lost.
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  const sessions = async (name: string) =>
    (await scene.node(name).keys()).filter((key) => key.wallet === "savings" && key.held).map((key) =>
      key.session
    );
  await until(scene, async () => (await sessions("alice")).length === 2);
  await until(scene, async () => (await sessions("carol")).length === 2);
  assert.ok((await sessions("alice")).includes(second.value!.session));
});

Deno.test("A crash before the vote is a no, for ever, and the others keep their shares", async () => {
  const disks = new Disks();
  await using scene = await Scene.start({ store: disks.store });
  disks.fail("bob", { on: "swap", name: /^key\//, nth: 2, then: "crash-before" });
  await scene.generate("savings");
  const row = async (name: string) => (await disks.keyRows(scene, name))[0]!;
  assert.equal((await row("bob")).state, "opened");
  await disks.putBack(scene, "bob", await disks.copy("bob"));
  await scene.cluster.linked();
  await until(scene, () => toldOf(scene, "alice").includes("given-up"));
  await until(scene, () => toldOf(scene, "carol").includes("given-up"));
  const no = await row("bob");
  assert.equal(no.state, "no");
  for (const name of ["alice", "carol"]) {
    const mine = await row(name);
    assert.equal(mine.state, "given-up");
    assert.ok(mine.share.length > 0);
    const bob = mine.key!.members.indexOf(scene.peer("bob"));
    assert.ok(await isNo(scene.everyone("alice").identity, mine.session, scene.peer("bob"), mine.nos[bob]!));
  }
  assert.ok((await scene.generate("savings")).value, "the name is free");
  await assertWorks(scene);
});

Deno.test("A key of which each member has missed another's vote is finished by asking, without a new meeting", async () => {
  await using scene = await Scene.start();
  // Nobody has all votes, so nobody tells of a certificate.
  scene.arm("alice", votesFor(scene, "carol"));
  scene.arm("bob", votesFor(scene, "alice"));
  scene.arm("carol", votesFor(scene, "bob"));
  assert.equal((await scene.generate("savings")).error?.code, "wallet-pending");
  for (const name of all) assert.deepEqual(toldOf(scene, name), ["pending"], name);
  await scene.clock.pass(20_000);
  for (const name of all) assert.deepEqual(toldOf(scene, name), ["pending", "active"], name);
});

Deno.test("A share is kept though every other member has signed a no; the operator erases it, and its yes stays", async () => {
  const disks = new Disks();
  await using scene = await Scene.start({ store: disks.store, curve: "secp256k1" });
  disks.fail("bob", { on: "swap", name: /^key\//, nth: 2, then: "fail" });
  await scene.generate("savings", 2, { members: ["alice", "bob"] });
  await until(scene, () => toldOf(scene, "alice").includes("given-up"));
  const [kept] = await disks.keyRows(scene, "alice");
  assert.deepEqual([kept!.state, kept!.share.length > 0], ["given-up", true]);
  await scene.clock.until(scene.node("alice").eraseGivenUp(kept!.session.toHex()));
  const [row] = await disks.keyRows(scene, "alice");
  assert.deepEqual([row!.state, row!.share.length], ["gone", 0]);
  const bob = row!.key!.members.indexOf(scene.peer("bob"));
  assert.ok(await isNo(scene.everyone("alice").identity, row!.session, scene.peer("bob"), row!.nos[bob]!));
  const rows = await disks.rows("alice", scene.everyone("alice").identity);
  assert.deepEqual(await rows.names("pair/"), []);
  const open = {
    kind: "generate",
    attempt: new Uint8Array(32),
    session: row!.session,
    link: new Uint8Array(32),
  };
  const own = (await sign(scene.everyone("alice").identity, openRecord, open as never)).encoded;
  assert.equal((await askedBy(scene, "carol", "alice", own)).says, "yes");
});

Deno.test("Whoever asked hears wallet-pending when a member dies after its vote, and a key event when it is back", async () => {
  for (const by of ["alice", "console"]) {
    const disks = new Disks();
    await using scene = await Scene.start({ store: disks.store, consoles: ["console"] });
    disks.fail("bob", { on: "swap", name: /^key\//, nth: 3, then: "crash-before" });
    const seen = await scene.watch(() =>
      scene.node(by).generateKey({ wallet: "savings", curve: "ed25519", threshold: 2 })
    );
    assert.equal(seen.error?.code, "wallet-pending", by);
    assert.deepEqual(seen.error?.missing, [scene.peer("bob")]);
    assert.equal(seen.error?.failure?.code, "wallet-pending", "its story ends so too");
    const bobs = () =>
      scene.everyone(by).events.filter((event) =>
        event.type === "key" && event.state === "active" && event.peer === scene.peer("bob")
      );
    assert.equal(bobs().length, 0);
    await disks.putBack(scene, "bob", await disks.copy("bob"));
    await scene.cluster.linked();
    await until(scene, () => bobs().length === 1);
    assert.equal(await stateOf(scene, by), "active");
  }
});

Deno.test("A node refuses new keys when it keeps too many shares of unfinished ones, and erases none by itself", async () => {
  const disks = new Disks();
  await using scene = await Scene.start({ store: disks.store });
  assert.ok((await scene.generate("savings")).value);
  const [row] = await disks.keyRows(scene, "bob");
  const rows = await disks.rows("bob", scene.everyone("bob").identity);
  for (let i = 0; i < maxUnfinished; i++) {
    const session = new Uint8Array(32).fill(i);
    await rows.swap(rowName(session), null, encodeRow({ ...row!, state: "given-up", session }));
  }
  await disks.putBack(scene, "bob", await disks.copy("bob"));
  await scene.cluster.linked();
  const refused = await scene.generate("other");
  assert.equal(refused.error?.code, "declined");
  assert.deepEqual(refused.error?.claims, [{
    by: scene.peer("bob"),
    code: "too-many-unfinished",
    peers: [],
  }]);
  const given = await scene.node("bob").givenUp();
  assert.equal(given.length, maxUnfinished);
  await assert.rejects(scene.node("bob").eraseGivenUp("ff".repeat(32)), { field: "session" });
  await scene.node("bob").eraseGivenUp(given[0]!.session);
  assert.ok((await scene.generate("other")).value);
  assert.equal((await scene.node("bob").givenUp()).length, maxUnfinished - 1);
});

Deno.test("A question about a session that made no key, or that is not remembered, leaves no row", async () => {
  const disks = new Disks();
  await using scene = await Scene.start({ store: disks.store, threshold: 2 });
  const { identity } = scene.everyone("alice");
  for (let i = 0; i < 5; i++) assert.ok((await scene.sign(["alice", "bob"])).value);
  const before = await scene.rows("alice");
  for (const kind of ["sign", "generate"] as const) {
    for (let i = 0; i < 5; i++) {
      const [attempt, link] = [new Uint8Array(32), new Uint8Array(32)];
      const session = new Uint8Array(32).fill(i);
      const open = (await sign(identity, openRecord, { kind, attempt, session, link })).encoded;
      const { says, signature } = await askedBy(scene, "bob", "alice", open);
      assert.deepEqual([says, signature.length], ["lost", 0]);
    }
  }
  const other = (await sign(scene.everyone("carol").identity, openRecord, {
    ...{ kind: "generate", attempt: new Uint8Array(32), link: new Uint8Array(32) },
    session: (await disks.keyRows(scene, "alice"))[0]!.session,
  })).encoded;
  assert.equal(
    (await askedBy(scene, "bob", "alice", other)).says,
    "lost",
    "only its own open is shown to it",
  );
  assert.deepEqual(await scene.rows("alice"), before);
});
