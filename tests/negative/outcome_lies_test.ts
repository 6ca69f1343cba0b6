/**
 * Lies about what came of a command: they are one peer's word, never another's, and hide no failure for long.
 */
import assert from "node:assert/strict";
import {
  type OutcomeAnswer,
  outcomeAnswer,
  outcomeQuestion,
} from "../../src/cluster/commands/outcome/outcome_server.ts";
import {
  encodeOutcome,
  readOutcome,
  type Result,
  resultRecord,
  signResult,
} from "../../src/cluster/commands/results.ts";
import type { Command, Order } from "../../src/cluster/records/command.ts";
import { readOrder } from "../../src/cluster/records/order.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import type { SessionError } from "../../src/errors.ts";
import { explain } from "../../src/explain.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { item } from "../sim/item.ts";
import { commandOf, framed, inPlaceOf, next, reach } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

const id = "0123456789abcdef".repeat(2);
const nothing = new Uint8Array();

const start = (threshold = 2) => Scene.start({ threshold, consoles: ["eve"] });

/** From now on a node gives this answer to whoever asks what came of a command. */
function answers(scene: Scene, name: string, answer: OutcomeAnswer): void {
  scene.node(name).network.handle(protocols.outcome, (channel) =>
    void (async () => {
      await channel.receive();
      await channel.send(outcomeAnswer.encode(answer));
      await channel.end();
    })());
}

/** A command of eve, for which alice, bob and carol are to coordinate in this order unless `changes` says otherwise. */
async function orderOf(scene: Scene, changes: Partial<Command> = {}): Promise<Order> {
  const { identity } = scene.everyone("eve");
  const items = [item({ message: hello })];
  const command = await commandOf(scene, identity, {
    kind: "sign",
    wallet: "treasury",
    members: [],
    threshold: 0,
    items,
    coordinators: ["alice", "bob", "carol"].map((name) => scene.peer(name)),
    id: Uint8Array.fromHex(id),
    ...changes,
  });
  return (await readOrder(identity, framed(command, items)))!;
}

/** A failure that a peer has kept, by its own word. */
async function kept(
  scene: Scene,
  order: Order,
  by: string,
  { coordinator = by, ...said }: Partial<Result> & { coordinator?: string },
): Promise<OutcomeAnswer> {
  const { identity } = scene.everyone(by);
  const ids = { id: order.command.value.id, attempt: nothing, session: nothing };
  const { value } = await signResult({ identity }, ids, { kind: "sign", signatures: [] });
  const { encoded } = await sign(identity, resultRecord, { ...value, code: "cancelled", ...said });
  return { state: "kept", outcome: encodeOutcome(order, scene.peer(coordinator), encoded) };
}

const failure = (scene: Scene, about = id): Promise<SessionError> =>
  scene.clock.until(
    scene.node("eve").outcome(about).then(
      ({ state }) => assert.fail(state),
      (error: SessionError) => error,
    ),
  );

/** The claims of a failure, by name. */
const claims = (scene: Scene, { claims }: SessionError) =>
  claims.map(({ by, code, peers }) => [scene.nameOf(by), code, peers.map((peer) => scene.nameOf(peer))]);

/** The sentences of a failure. */
const sentences = (scene: Scene, { code, culprits, missing, claims }: SessionError) => {
  const about = { type: "failed", key: "safe", kind: "sign", phase: "inviting", round: null } as const;
  const fault = { ...about, code, culprits, missing, claims, peer: scene.peer("eve"), wallet: "treasury" };
  return explain(fault as unknown as Parameters<typeof explain>[0], (peer) => scene.nameOf(peer));
};

Deno.test("outcome() takes a failure of who did not coordinate for that peer's claim, whatever it says of itself", async () => {
  await using scene = await start();
  const order = await orderOf(scene);
  const session = new Uint8Array(32).fill(7);
  for (
    const said of [{ session, attempt: session }, {}, { coordinator: "alice" }, {
      coordinator: "alice",
      session,
    }]
  ) {
    answers(scene, "bob", await kept(scene, order, "bob", { code: "declined", ...said }));
    const error = await failure(scene);
    assert.equal(error.code, "aborted-by-peer", Object.keys(said).join());
    assert.deepEqual(claims(scene, error), [["bob", "declined", []]]);
  }
  // The first of the list was given the command, and says what came of it before there was a session, and no more.
  answers(scene, "alice", await kept(scene, order, "alice", { code: "overloaded" }));
  assert.equal((await failure(scene)).code, "overloaded");
  answers(
    scene,
    "alice",
    await kept(scene, order, "alice", { code: "overloaded", session, attempt: session }),
  );
  assert.equal((await failure(scene)).code, "aborted-by-peer");
});

Deno.test("outcome() shows nobody as the author of a claim that it has not signed", async () => {
  await using scene = await start();
  const order = await orderOf(scene);
  const claim = [scene.peer("carol"), "declined", []] as [string, "declined", string[]];
  answers(scene, "alice", await kept(scene, order, "alice", { code: "declined", claims: [claim] }));
  const error = await failure(scene);
  assert.equal(error.code, "aborted-by-peer");
  assert.deepEqual(claims(scene, error), [["alice", "declined", ["carol"]]]);
  const { what, who } = sentences(scene, error);
  assert.match(what, /^alice/);
  assert.match(who, /^alice told eve/);
  assert.doesNotMatch(`${what} ${who}`, /(alice|carol) (said no|refused)/);
});

Deno.test("outcome() says who says that an outcome is lost, or was forgotten", async () => {
  await using scene = await start();
  for (const [state, code] of [["lost", "replayed-command"], ["forgotten", "outcome-forgotten"]] as const) {
    answers(scene, "bob", { state, outcome: nothing });
    const error = await failure(scene);
    assert.equal(error.code, code);
    assert.deepEqual(claims(scene, error), [["bob", code, []]]);
    assert.equal(sentences(scene, error).who, "bob says so. Nobody is blamed.");
  }
});

Deno.test("outcome() does not believe that a command runs of which its coordinator knows nothing", async () => {
  await using scene = await start();
  const order = await orderOf(scene);
  const state = async () => (await scene.clock.until(scene.node("eve").outcome(id))).state;
  const running = (coordinator: string): OutcomeAnswer => (
    { state: "running", outcome: encodeOutcome(order, scene.peer(coordinator), nothing) }
  );
  answers(scene, "bob", running("alice"));
  assert.equal(await state(), "unknown");
  answers(scene, "alice", running("alice"));
  assert.equal(await state(), "running");
});

/** A session that fails. @returns Its signers, and which of them coordinated it. */
async function failed(scene: Scene, threshold: number) {
  const signers = scene.inOrder(scene.names.slice(0, threshold));
  scene.arm("bob", cheats.get("silence")!);
  const peers = signers.map((name) => scene.peer(name));
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id, signers: peers } as const;
  await scene.clock.until(scene.node("eve").sign(request).result.then(() => {}, () => {}));
  await scene.clock.pass(20_000);
  const coordinator = signers.find((name) => scene.view(name, id).some(({ type }) => type === "proposed"))!;
  return { signers, peers, coordinator };
}

async function restarted(scene: Scene): Promise<void> {
  await scene.cluster.boot("eve");
  await scene.known("treasury");
  await scene.clock.pass(1_000);
}

for (const [threshold, liar] of [[2, "a member"], [3, "its coordinator"]] as const) {
  Deno.test(`outcome() of a session of ${threshold} that has failed is its failure, though ${liar} says that it still runs`, async () => {
    await using scene = await start(threshold);
    const { signers, peers, coordinator } = await failed(scene, threshold);
    scene.cluster.kill("eve");
    await restarted(scene);
    const { code } = await failure(scene);
    assert.ok(["round-timeout", "peer-left"].includes(code), code);
    const order = await orderOf(scene, { signers: peers, coordinators: [scene.peer(coordinator)] });
    const running = {
      state: "running",
      outcome: encodeOutcome(order, scene.peer(coordinator), nothing),
    } as const;
    const isMember = liar === "a member";
    answers(scene, isMember ? signers.find((name) => name !== coordinator)! : coordinator, running);
    assert.equal((await failure(scene)).code, isMember ? code : "peer-left");
  });
}

Deno.test("outcome() takes no session for proof of another command's failure", async () => {
  await using scene = await start();
  const { peers, coordinator } = await failed(scene, 2);
  const eve = await inPlaceOf(scene, "eve");
  const channel = await reach(scene, eve, coordinator, protocols.outcome);
  await channel.send(outcomeQuestion.encode({ id: Uint8Array.fromHex(id), order: nothing, place: 0 }));
  const { result, preimage } = readOutcome(
    outcomeAnswer.decode(await next(scene, channel) as Uint8Array).outcome,
  )!;
  assert.ok(preimage.length > 0);
  await eve.network.stop();
  await restarted(scene);
  const { identity } = scene.everyone(coordinator);
  const { value } = (await readSigned(identity, resultRecord, result))!;
  const other = new Uint8Array(16).fill(9);
  const order = await orderOf(scene, { signers: peers, id: other });
  const { encoded } = await sign(identity, resultRecord, {
    ...value,
    id: other,
    code: "cancelled",
    missing: [],
  });
  const outcome = encodeOutcome(order, scene.peer(coordinator), encoded, preimage);
  answers(scene, coordinator, { state: "kept", outcome });
  assert.equal((await failure(scene, other.toHex())).code, "aborted-by-peer");
});
