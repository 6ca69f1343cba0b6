/**
 * The outcomes of commands, for who asked them and for nobody else.
 */
import assert from "node:assert/strict";
import {
  type OutcomeAnswer,
  outcomeAnswer,
  outcomeQuestion,
} from "../../src/cluster/commands/outcome/outcome_server.ts";
import {
  encodeOutcome,
  keyIn,
  readOutcome,
  resultRecord,
  signResult,
} from "../../src/cluster/commands/results.ts";
import { readOrder } from "../../src/cluster/records/order.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { explain } from "../../src/explain.ts";
import type { SessionError } from "../../src/errors.ts";
import { maxOutcomeQuestions } from "../../src/limits.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { assertWorks } from "./honest.ts";
import { commandOf, inPlaceOf, next, type RawPeer, reach } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

const id = "0123456789abcdef".repeat(2);
const request = { wallet: "treasury", scheme: "ed25519", message: hello, id } as const;
const hour = 3_600_000;
const day = 24 * hour;

/** A question that only asks. */
const noTurn = { order: new Uint8Array(), place: 0 };

/** Asks a peer by hand what came of an id. */
async function asked(scene: Scene, by: RawPeer, name: string, about = id): Promise<OutcomeAnswer> {
  const channel = await reach(scene, by, name, protocols.outcome);
  await channel.send(outcomeQuestion.encode({ id: Uint8Array.fromHex(about), ...noTurn }));
  const frame = await next(scene, channel);
  assert.ok(frame instanceof Uint8Array, `${name} says ${frame}`);
  return outcomeAnswer.decode(frame);
}

const start = (options: Parameters<typeof Scene.start>[0] = {}) =>
  Scene.start({ threshold: 2, consoles: ["eve", "mallory"], ...options });

/** The outcome as eve's node gives it: its state, or the code of the failure. */
const outcomeAt = (scene: Scene, name = "eve", about = id): Promise<string> =>
  scene.clock.until(
    scene.node(name).outcome(about).then(({ state }) => state, (error: SessionError) => error.code),
  );

async function restart(scene: Scene, name: string): Promise<void> {
  scene.cluster.kill(name);
  await scene.cluster.boot(name);
  await scene.known("treasury");
  await scene.clock.pass(1_000);
}

Deno.test("outcome() gives the signature from every member of the session alone, also hours later and after restarts of all", async () => {
  await using scene = await start();
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const { bytes } = await scene.clock.until(scene.node("eve").sign({ ...request, signers }).result);
  await scene.clock.pass(2_000);
  for (const [i, [name, other]] of ([["alice", "bob"], ["bob", "alice"]] as const).entries()) {
    for (const one of ["alice", "bob", "carol", "eve", "mallory"]) {
      scene.cluster.setClock(one, (i + 1) * 5 * hour);
    }
    for (const one of ["alice", "bob", "eve"]) await restart(scene, one);
    scene.cluster.kill(other);
    await scene.clock.pass(500);
    assert.equal(await outcomeAt(scene), "signed", name);
    const outcome = await scene.clock.until(scene.node("eve").outcome(id));
    assert.ok(outcome.state === "signed");
    assert.deepEqual(outcome.signatures.map((signature) => signature.bytes), [bytes]);
    await scene.cluster.boot(other);
    await scene.cluster.linked();
  }
  assert.equal(await outcomeAt(scene, "eve", "e".repeat(32)), "unknown");
  assert.throws(() => void scene.node("eve").outcome("short"), { name: "InputError", field: "id" });
});

Deno.test("Outcomes reach who asked only: another peer that asks with its id hears of nothing", async () => {
  await using scene = await start();
  await scene.clock.until(scene.node("eve").sign(request).result);
  await scene.clock.pass(2_000);
  assert.equal(await outcomeAt(scene, "mallory"), "unknown");
  const mallory = await inPlaceOf(scene, "mallory");
  const eve = await inPlaceOf(scene, "eve");
  const states = async (by: RawPeer) => {
    const answers = [];
    for (const name of scene.names) answers.push(await asked(scene, by, name));
    return answers;
  };
  for (const { state, outcome } of await states(mallory)) {
    assert.deepEqual([state, outcome.length], ["unknown", 0]);
  }
  const known = (await states(eve)).filter(({ state }) => state === "kept");
  assert.equal(known.length, 2, "both signers have it");
  // What is no question is hung up on.
  const channel = await reach(scene, mallory, "alice", protocols.outcome);
  await channel.send(new Uint8Array(40));
  assert.equal(await next(scene, channel), "broken");
  await assertWorks(scene);
});

Deno.test("Outcomes have a limit of questions of one peer at once: it is hung up on, and others are answered", async () => {
  await using scene = await start();
  await scene.clock.until(scene.node("eve").sign(request).result);
  await scene.clock.pass(2_000);
  const mallory = await inPlaceOf(scene, "mallory");
  const open = [];
  for (let i = 0; i < maxOutcomeQuestions; i++) {
    open.push(await reach(scene, mallory, "alice", protocols.outcome));
  }
  const tooMany = await reach(scene, mallory, "alice", protocols.outcome);
  assert.equal(await next(scene, tooMany, 100), "broken");
  assert.equal(await outcomeAt(scene), "signed");
  const question = outcomeQuestion.encode({ id: Uint8Array.fromHex(id), ...noTurn });
  const answers = await scene.clock.until(Promise.all(open.map(async (channel) => {
    await channel.send(question);
    return await channel.receive();
  })));
  assert.ok(answers.every((answer) => answer !== null), "those that were in time are answered");
  await scene.clock.pass(100);
  assert.equal((await asked(scene, mallory, "alice")).state, "unknown", "after those it may ask again");
});

Deno.test("outcome() says running while a person is asked, and sign() again joins: one session, one signature", async () => {
  let answer = (_answer: "accept") => {};
  const waits = new Promise<"accept">((resolve) => answer = resolve);
  await using scene = await start({
    node: (name) =>
      name === "bob" ? { approve: ({ kind }) => kind === "sign" ? waits : Promise.resolve("accept") } : {},
  });
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const lost = scene.node("eve").sign({ ...request, signers });
  await scene.clock.pass(500);
  assert.equal(await outcomeAt(scene), "running", "of this process");
  void lost;
  await restart(scene, "eve");
  assert.equal(await outcomeAt(scene), "running", "after a restart");
  const again = scene.node("eve").sign({ ...request, signers });
  await scene.clock.pass(1_000);
  answer("accept");
  const { bytes } = await scene.clock.until(again.result);
  const outcome = await scene.clock.until(scene.node("eve").outcome(id));
  assert.ok(outcome.state === "signed");
  assert.deepEqual(outcome.signatures[0]!.bytes, bytes);
  const sessions = scene.everyone("bob").events.flatMap((event) =>
    event.type === "opened" && event.id === id && event.peer === scene.peer("bob") ? [event.session] : []
  );
  assert.equal(sessions.length, 1);
});

Deno.test("cancel() of a command that is followed after a restart ends it for everyone with cancelled", async () => {
  await using scene = await start({
    node: (name) =>
      name === "bob"
        ? { approve: ({ kind }) => kind === "sign" ? new Promise(() => {}) : Promise.resolve("accept") }
        : {},
  });
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  void scene.node("eve").sign({ ...request, signers }).result.catch(() => {});
  await scene.clock.pass(500);
  await restart(scene, "eve");
  const again = scene.node("eve").sign({ ...request, signers });
  await scene.clock.pass(500);
  again.cancel();
  await assert.rejects(scene.clock.until(again.result), { code: "cancelled" });
  assert.equal(await outcomeAt(scene), "cancelled");
});

Deno.test("sign() again with an id ends with outcome-forgotten once the outcome's time is over, and outcome() too: no new session", async () => {
  await using scene = await start();
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  await scene.clock.until(scene.node("eve").sign({ ...request, signers }).result);
  await scene.clock.pass(2_000);
  for (const name of ["alice", "bob", "carol", "eve", "mallory"]) scene.cluster.setClock(name, 8 * day);
  for (const name of ["alice", "bob", "carol", "eve"]) {
    scene.cluster.kill(name);
    await scene.cluster.boot(name);
  }
  await scene.cluster.linked();
  await scene.known("treasury");
  assert.equal(await outcomeAt(scene), "outcome-forgotten");
  const again = scene.node("eve").sign({ ...request, signers });
  await assert.rejects(scene.clock.until(again.result), { code: "outcome-forgotten" });
  for (const name of ["alice", "bob"]) {
    assert.deepEqual(scene.view(name, id).filter(({ type }) => type === "opened"), [], name);
  }
});

Deno.test("outcome() believes no order that this peer has not signed, and no result that proves nothing", async () => {
  await using scene = await start();
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  await scene.clock.until(scene.node("eve").sign({ ...request, signers }).result);
  const other = "a".repeat(32);
  await scene.clock.until(
    scene.node("mallory").sign({ ...request, id: other, message: new Uint8Array(4) }).result,
  );
  await scene.clock.pass(2_000);
  const eve = await inPlaceOf(scene, "eve");
  const kept = await asked(scene, eve, "alice");
  await eve.network.stop();
  await scene.cluster.boot("eve");
  await scene.known("treasury");
  const { identity } = scene.everyone("alice");
  const { order } = readOutcome(kept.outcome)!;
  const own = (await readOrder(identity, order))!;
  const ids = { id: Uint8Array.fromHex(id), attempt: new Uint8Array(), session: new Uint8Array() };
  const bad = { kind: "sign" as const, signatures: [new Uint8Array(64).fill(1)] };
  const { value: forgery, encoded: forged } = await signResult({ identity }, ids, bad);
  const failure = { ...forgery, signatures: [], code: "cancelled" as const };
  const failed = (await sign(identity, resultRecord, failure)).encoded;
  const accusing = { ...failure, code: "invalid-signature-share" as const, culprits: [scene.peer("bob")] };
  const accused = (await sign(identity, resultRecord, accusing)).encoded;
  const mallory = await commandOf(scene, scene.everyone("mallory").identity, {
    ...own.command.value,
    items: own.items,
    coordinators: [scene.peer("alice")],
  });
  const theirs = { ...own, command: { ...own.command, encoded: mallory } };
  const answers: [string, OutcomeAnswer | Uint8Array][] = [
    ["replayed-command", { state: "kept", outcome: encodeOutcome(own, scene.peer("alice"), forged) }],
    ["unknown", { state: "kept", outcome: encodeOutcome(theirs, scene.peer("alice"), failed) }],
    // One peer's word against another is a claim.
    ["aborted-by-peer", { state: "kept", outcome: encodeOutcome(own, scene.peer("alice"), accused) }],
    ["unknown", { state: "running", outcome: new Uint8Array() }],
    ["unknown", { state: "kept", outcome: new Uint8Array(9) }],
    ["unknown", new Uint8Array(30)],
  ];
  for (const name of ["bob", "carol"]) scene.cluster.kill(name);
  await scene.clock.pass(500);
  for (const [said, answer] of answers) {
    scene.node("alice").network.handle(protocols.outcome, (channel) =>
      void (async () => {
        await channel.receive();
        await channel.send(answer instanceof Uint8Array ? answer : outcomeAnswer.encode(answer));
        await channel.end();
      })());
    assert.equal(await outcomeAt(scene), said);
  }
});

Deno.test("outcome() of a session that failed is its coordinator's failure, and peer-left while that one is away", async () => {
  await using scene = await start();
  const signers = scene.inOrder(["alice", "bob"]).map((name) => scene.peer(name));
  scene.arm("bob", cheats.get("silence")!);
  const session = scene.node("eve").sign({ ...request, signers });
  const error = await scene.clock.until(session.result.then(() => null, (thrown: SessionError) => thrown));
  assert.ok(error);
  await scene.clock.pass(3_000);
  const coordinator =
    scene.everyone("alice").events.some((event) =>
        event.type === "proposed" && event.id === id && event.peer === scene.peer("alice")
      )
      ? "alice"
      : "bob";
  const failure = () =>
    scene.clock.until(scene.node("eve").outcome(id).then(() => null, (thrown: SessionError) => thrown));
  assert.deepEqual((await failure())?.failure, error.failure, "as this process has told it");
  await restart(scene, "eve");
  assert.equal(await outcomeAt(scene), error.code);
  const again = await failure();
  const nameOf = (peer: string) => scene.names.find((name) => scene.peer(name) === peer) ?? "eve";
  const then = explain({ ...error.failure!, round: null }, nameOf); // the round is not kept
  assert.deepEqual(explain(again!.failure!, nameOf), then);
  scene.cluster.kill(coordinator);
  await scene.clock.pass(500);
  assert.equal(await outcomeAt(scene), "peer-left");
});

Deno.test("outcome() is no key that another command has made before under the same name", async () => {
  await using scene = await start();
  const [first, second] = ["1".repeat(32), "2".repeat(32)];
  const members = scene.names.map((name) => scene.peer(name));
  const key = { wallet: "savings", scheme: "ed25519", threshold: 2, members } as const;
  await scene.clock.until(scene.node("eve").generateKey({ ...key, id: first }).result);
  const late = scene.node("eve").generateKey({ ...key, id: second }).result;
  await assert.rejects(scene.clock.until(late), { code: "wallet-exists" });
  await scene.clock.pass(2_000);
  const eve = await inPlaceOf(scene, "eve");
  const kept = async (id: string) => {
    for (const name of scene.names) {
      const { state, outcome } = await asked(scene, eve, name, id);
      if (state === "kept") return { name, ...readOutcome(outcome)! };
    }
    throw new Error(`nobody has kept ${id}`);
  };
  const made = await kept(first);
  const { name, order } = await kept(second);
  await eve.network.stop();
  await scene.cluster.boot("eve");
  await scene.clock.pass(1_000);
  const { identity } = scene.everyone(name);
  const { value } = (await readSigned(scene.everyone(made.name).identity, resultRecord, made.result))!;
  const about = { id: Uint8Array.fromHex(second), attempt: value.attempt, session: value.session };
  const { row } = keyIn(value)!;
  const { encoded } = await signResult({ identity }, about, { kind: "generate", row });
  const lie = encodeOutcome((await readOrder(identity, order))!, scene.peer(name), encoded);
  for (const one of scene.names) if (one !== name) scene.cluster.kill(one);
  await scene.clock.pass(500);
  scene.node(name).network.handle(protocols.outcome, (channel) =>
    void (async () => {
      await channel.receive();
      await channel.send(outcomeAnswer.encode({ state: "kept", outcome: lie }));
      await channel.end();
    })());
  assert.equal(await outcomeAt(scene, "eve", second), "replayed-command");
});

Deno.test("outcome() of the longest message is told too", async () => {
  await using scene = await start();
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const longest = { ...request, message: new Uint8Array(65_000).fill(7), signers };
  const { bytes } = await scene.clock.until(scene.node("eve").sign(longest).result);
  await scene.clock.pass(2_000);
  await restart(scene, "eve");
  const outcome = await scene.clock.until(scene.node("eve").outcome(id));
  assert.ok(outcome.state === "signed");
  assert.deepEqual(outcome.signatures[0]!.bytes, bytes);
});
