/**
 * The turns of a command's coordinators: if the first is gone before its go, the next takes over, and no other does.
 */
import assert from "node:assert/strict";
import { CoordinatorTurns } from "../../src/cluster/commands/invited/coordinator_turns.ts";
import { outcomeAnswer, outcomeQuestion } from "../../src/cluster/commands/outcome/outcome_server.ts";
import type { Context } from "../../src/cluster/events/event_context.ts";
import { readEvents } from "../../src/cluster/links/gossip.ts";
import { type Command, orderKey } from "../../src/cluster/records/command.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import type { SessionError } from "../../src/errors.ts";
import { isTerminal } from "../../src/events.ts";
import type { FailureCode } from "../../src/failure.ts";
import { clockSkew, maxCommandAge, maxTurnsGiven, unheardMs } from "../../src/limits.ts";
import { attemptOf, declineRecord, inviteRecord } from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { item } from "../sim/item.ts";
import { acceptedBy, type ByHand, goOf, inviteTo } from "./by_hand.ts";
import { codeOf, commandOf, framed, inPlaceOf, next, type RawPeer, reach } from "./raw_peer.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const names = ["alice", "bob", "carol", "dave"];
const request = { wallet: "treasury", scheme: "ed25519", message: hello } as const;

const start = (options: SceneOptions = {}) =>
  Scene.start({ names, threshold: 2, consoles: ["eve"], ...options });

/** The peer that has proposed a party for a command, in its own view. */
const proposers = (scene: Scene, id: string): string[] =>
  names.filter((name) => scene.view(name, id).some(({ type }) => type === "proposed"));

/** The sessions that were opened for a command. */
const sessions = (scene: Scene, id: string): number =>
  new Set(names.flatMap((name) => scene.view(name, id).flatMap((event) => event.session ?? []))).size;

Deno.test("sign() goes on with the next coordinator if the first dies before its go: one session, one question to each person", async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  await using scene = await start({
    node: (name) => ({
      approve: ({ kind }) => {
        if (kind !== "sign") return Promise.resolve("accept");
        asked.push(name);
        return new Promise((resolve) => answers.push(() => resolve("accept")));
      },
    }),
  });
  const session = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const [first] = proposers(scene, session.id);
  const before = [...asked];
  const stays = before.filter((name) => name !== first);
  scene.cluster.kill(first!);
  const answering = setInterval(() => answers.splice(0).forEach((answer) => answer()), 1);
  try {
    await scene.clock.pass(4_000);
    const said = session.result.then(({ bytes }) => bytes.length, (error: SessionError) => error.code);
    assert.equal(await scene.clock.until(said), 64);
  } finally {
    clearInterval(answering);
  }
  const ends: string[] = [];
  for await (const event of session.events()) if (isTerminal(event)) ends.push(event.type);
  assert.deepEqual(ends, ["done"]);
  assert.equal(sessions(scene, session.id), 1);
  for (const name of stays) {
    assert.equal(asked.filter((one) => one === name).length, 1, `${name} was asked once: its yes stays`);
  }
});

for (
  const [name, dies] of [
    ["which the others miss later", true],
    ["which the others still see, and which carries it out", false],
  ] as const
) {
  Deno.test(`sign() whose asker alone has lost the first coordinator, ${name}, has the signature`, async () => {
    const answers: (() => void)[] = [];
    await using scene = await start({
      threshold: 3,
      node: () => ({
        approve: ({ kind }) =>
          kind === "sign"
            ? new Promise((resolve) => answers.push(() => resolve("accept")))
            : Promise.resolve("accept"),
      }),
    });
    const { id, result } = scene.node("eve").sign(request);
    await scene.clock.pass(500);
    const [first] = proposers(scene, id);
    const apart = [scene.peer("eve"), scene.peer(first!)];
    scene.cluster.network.reachable((one, other) => !(apart.includes(one) && apart.includes(other)));
    const begun = () => names.filter((one) => one !== first && scene.view(one, id).length > 0);
    for (let waited = 0; waited < 3_000 && begun().length === 0; waited += 100) await scene.clock.pass(100);
    await scene.clock.pass(dies ? 300 : 4_000);
    if (dies) scene.cluster.kill(first!);
    await scene.clock.pass(2_000);
    const answering = setInterval(() => answers.splice(0).forEach((answer) => answer()), 1);
    try {
      await scene.clock.pass(6_000);
      const said = result.then(({ bytes }) => bytes.length, (error: SessionError) => error.code);
      assert.equal(await scene.clock.until(said), 64);
      const again = scene.node("eve").sign({ ...request, id });
      assert.deepEqual((await scene.clock.until(again.result)).bytes, (await result).bytes);
    } finally {
      clearInterval(answering);
    }
    assert.equal(sessions(scene, id), 1);
  });
}

Deno.test("sign() goes on with the next coordinator if the first stops before its go", async () => {
  await using scene = await start({
    threshold: 3,
    node: () => ({
      approve: ({ kind }) => kind === "sign" ? new Promise(() => {}) : Promise.resolve("accept"),
    }),
  });
  const { id } = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const [first] = proposers(scene, id);
  await scene.clock.until(Promise.resolve(scene.node(first!)[Symbol.asyncDispose]()));
  await scene.clock.pass(6_000);
  const next = proposers(scene, id).filter((name) => name !== first);
  assert.equal(next.length, 1, "another has taken over");
});

Deno.test("sign() fails with its first coordinator where the signers were chosen, and does not know what comes of it where nobody is left", async () => {
  await using scene = await start({
    node: () => ({
      approve: ({ kind }) => kind === "sign" ? new Promise(() => {}) : Promise.resolve("accept"),
    }),
  });
  const signers = scene.inOrder(["alice", "bob"]).map((name) => scene.peer(name));
  const chosen = scene.node("eve").sign({ ...request, signers });
  await scene.clock.pass(500);
  const [first] = proposers(scene, chosen.id);
  scene.cluster.kill(first!);
  await assert.rejects(scene.clock.until(chosen.result), { code: "peer-left" });
  await scene.cluster.boot(first!);
  await scene.cluster.linked();
  const any = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  for (const name of names) scene.cluster.kill(name);
  await assert.rejects(scene.clock.until(any.result), { code: "outcome-unknown" });
});

/** An invite by hand for one command with these coordinators; `by` invites. */
async function inviteBy(
  scene: Scene,
  by: string,
  command: Uint8Array,
  party: readonly string[],
): Promise<ByHand> {
  const { roster } = scene.cluster;
  const invite = await sign(scene.everyone(by).identity, inviteRecord, {
    command,
    party: scene.inOrder(party).map((name) => scene.peer(name)),
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: Uint8Array.fromHex(scene.key.session),
    epoch: 1,
    nonce: crypto.getRandomValues(new Uint8Array(32)),
  });
  return { invite: invite.encoded, attempt: attemptOf(invite.encoded), party: scene.inOrder(party) };
}

/** A command of eve to sign `hello`, with these coordinators in their turn. */
const commandBy = (scene: Scene, coordinators: readonly string[], changes: Partial<Command> = {}) =>
  commandOf(scene, scene.everyone("eve").identity, {
    kind: "sign",
    wallet: "treasury",
    members: [],
    threshold: 0,
    items: [item({ message: hello })],
    coordinators: coordinators.map((name) => scene.peer(name)),
    ...changes,
  });

/** The code with which a member declines an invite; `accept` if it does not. */
async function saidTo(scene: Scene, from: string, to: string, made: ByHand): Promise<string> {
  const { answer, channel } = await inviteTo(scene, from, to, made);
  channel.abort();
  assert.ok(answer instanceof Uint8Array, `${to} says ${answer}`);
  return (await readSigned(scene.everyone(to).identity, declineRecord, answer))?.value.code ?? "accept";
}

Deno.test("Member accepts from no coordinator that is not in the list, and from no later one that the initiator has not named, though those before it are gone", async () => {
  await using scene = await start();
  const id = new Uint8Array(16).fill(5);
  const command = await commandBy(scene, ["alice", "bob", "carol"], { id });
  const eve = await inPlaceOf(scene, "eve");
  const from = async (by: string) =>
    saidTo(scene, by, "dave", await inviteBy(scene, by, command, [by, "dave"]));
  assert.equal(await from("bob"), "other-coordinator", "alice is there");
  scene.cluster.kill("alice");
  await scene.clock.pass(500);
  assert.equal(await from("bob"), "other-coordinator", "alice may have carried it out before she went");
  const other = await commandBy(scene, ["alice", "carol"]);
  assert.equal(
    await saidTo(scene, "bob", "dave", await inviteBy(scene, "bob", other, ["bob", "dave"])),
    "not-authorized",
    "not in the list",
  );
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 1]), "unknown");
  assert.equal(await from("carol"), "other-coordinator", "out of order: it is bob's turn");
  assert.equal(await from("bob"), "accept", "it is his turn");
});

Deno.test("Member accepts from the next coordinator only when no accept for the one before is open, and never again from that one", async () => {
  await using scene = await start();
  const id = new Uint8Array(16).fill(4);
  const command = await commandBy(scene, ["alice", "bob"], { id });
  const eve = await inPlaceOf(scene, "eve");
  const from = async (by: string) =>
    saidTo(scene, by, "dave", await inviteBy(scene, by, command, [by, "dave"]));
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 0]), "unknown");
  // Alice has an accept of dave's, and eve has lost her: two coordinators at once.
  const first = await inviteBy(scene, "alice", command, ["alice", "dave"]);
  const { channel, accept } = await acceptedBy(scene, "alice", "dave", first);
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 1]), "running");
  assert.equal(await from("bob"), "other-coordinator", "an accept is open");
  await scene.clock.pass(2_500);
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 1]), "unknown");
  assert.equal(await from("bob"), "accept", "it has lapsed");
  // The old one comes back: with a new invite, and with a go for what dave accepted before.
  assert.equal(await from("alice"), "other-coordinator");
  const go = await goOf(scene.everyone("alice").identity, first, { alice: accept, dave: accept });
  await channel.send(go).catch(() => {}); // dave has hung up
  await scene.clock.pass(500);
  const opened = scene.everyone("dave").events.filter(({ type }) => type === "opened");
  assert.ok(opened.every((event) => "kind" in event && event.kind !== "sign"), "what lapsed is never used");
});

for (
  const [whose, signers] of [
    ["of a list, and the next takes over", undefined],
    ["that alone may carry it out, and gets it again", ["alice", "bob"]],
  ] as const
) {
  Deno.test(`sign() has the signature though its coordinator crashes before its go and is back at once: one ${whose}`, async () => {
    let have = false;
    await using scene = await start({
      node: () => ({
        approve: ({ kind }) => kind === "sign" && !have ? new Promise(() => {}) : Promise.resolve("accept"),
      }),
    });
    const chosen = signers && { signers: scene.inOrder(signers).map((name) => scene.peer(name)) };
    const { id, result } = scene.node("eve").sign({ ...request, ...chosen });
    await scene.clock.pass(500);
    const [first] = proposers(scene, id);
    const isDead = new Set([scene.peer(first!)]);
    scene.cluster.kill(first!);
    have = true;
    // Whoever asked sees the stream end, and the same peer there once more.
    const connected = scene.node("eve").network.connected.bind(scene.node("eve").network);
    scene.node("eve").network.connected = () => [...new Set([...connected(), ...isDead])];
    await scene.cluster.boot(first!);
    await scene.cluster.linked();
    scene.node("eve").network.connected = connected;
    const begun = scene.clock.now();
    const said = result.then(({ bytes }) => bytes.length, (error: SessionError) => error.code);
    assert.equal(await scene.clock.until(said), 64);
    assert.ok(scene.clock.now() - begun < 15_000, `after ${scene.clock.now() - begun} ms`);
    assert.equal(sessions(scene, id), 1);
  });
}

Deno.test("sign() waits for a coordinator that waits for its turn, for as long as the command lives", async () => {
  await using scene = await start();
  const eve = await inPlaceOf(scene, "eve");
  const id = new Uint8Array(16).fill(6);
  const now = scene.clock.now();
  const command = await commandBy(scene, ["alice", "bob"], { id, expires: now + 200_000 });
  const channel = await reach(scene, eve, "bob", protocols.command);
  await channel.send(framed(command, [item({ message: hello })]));
  let heard = 0;
  for (let at = now; scene.clock.now() - now < 150_000; at = scene.clock.now()) {
    const frame = await next(scene, channel, 50_000);
    assert.ok(frame instanceof Uint8Array, `${frame}`);
    assert.ok(scene.clock.now() - at < unheardMs / 2);
    const events = await readEvents(eve.identity, frame);
    if (events?.items.length === 0) heard++;
  }
  assert.ok(heard >= 6, `${heard}`);
  channel.abort();
});

Deno.test("Member compares no places of two lists: of two orders under one id it takes the later one, and never the former again", async () => {
  await using scene = await start();
  const id = new Uint8Array(16).fill(7);
  const now = scene.clock.now();
  const former = await commandBy(scene, ["bob", "alice"], { id, created: now - 1_000 });
  const later = await commandBy(scene, ["bob", "carol"], { id, created: now });
  const from = async (by: string, command: Uint8Array) =>
    saidTo(scene, by, "dave", await inviteBy(scene, by, command, [by, "dave"]));
  const { channel } = await acceptedBy(
    scene,
    "bob",
    "dave",
    await inviteBy(scene, "bob", former, ["bob", "dave"]),
  );
  assert.equal(await from("bob", later), "other-coordinator", "an accept for the former is open");
  channel.abort();
  await scene.clock.pass(2_500);
  assert.equal(await from("bob", later), "accept", "first of both lists");
  await scene.clock.pass(2_500);
  assert.equal(await from("bob", former), "other-coordinator");
});

Deno.test("Coordinator remembers the turn of an order that failed only where it has accepted its own invite", async () => {
  await using scene = await start({
    node: (name) => ({
      approve: ({ kind }) => Promise.resolve(kind === "sign" && name === "carol" ? "decline" : "accept"),
    }),
  });
  const eve = await inPlaceOf(scene, "eve");
  scene.cluster.kill("dave");
  await scene.clock.pass(6_000);
  /** What alice says to bob's invite for an earlier order, after one of hers with a signer has failed. */
  const saidAfter = async (signer: string, code: FailureCode): Promise<string> => {
    const now = scene.clock.now();
    const id = crypto.getRandomValues(new Uint8Array(16));
    const signers = ["alice", signer].map((name) => scene.peer(name)).sort();
    const failed = await commandBy(scene, ["alice"], { id, signers, created: now });
    const items = [item({ message: hello })];
    assert.equal(await codeOf(scene, eve, failed, { items }), code);
    await scene.clock.pass(2_500);
    const earlier = await commandBy(scene, ["bob"], { id, created: now - 1_000 });
    return await saidTo(scene, "bob", "alice", await inviteBy(scene, "bob", earlier, ["alice", "bob"]));
  };
  assert.equal(await saidAfter("dave", "not-enough-peers"), "accept", "nobody was invited");
  assert.equal(
    await saidAfter("carol", "declined"),
    "other-coordinator",
    "carol was invited, and alice has accepted",
  );
});

/** Asks a peer by hand what came of an id, and gives it a turn. */
async function turnGiven(
  scene: Scene,
  by: RawPeer,
  to: string,
  id: Uint8Array,
  [command, place]: [Uint8Array, number],
): Promise<string> {
  const channel = await reach(scene, by, to, protocols.outcome);
  const order = orderKey({ encoded: command });
  await channel.send(outcomeQuestion.encode({ id, order, place }));
  const frame = await next(scene, channel);
  return frame instanceof Uint8Array ? outcomeAnswer.decode(frame).state : frame;
}

Deno.test("Member that knows nothing takes nothing before the turn that the initiator gives, and that turn though the one before is there", async () => {
  await using scene = await start();
  const id = new Uint8Array(16).fill(8);
  const command = await commandBy(scene, ["alice", "bob", "carol"], { id });
  const again = await commandBy(scene, ["alice", "carol"], { id, created: scene.clock.now() + 1 });
  const eve = await inPlaceOf(scene, "eve");
  const from = async (by: string, of = command) =>
    saidTo(scene, by, "dave", await inviteBy(scene, by, of, [by, "dave"]));
  // While an accept is open a go may come: it is running, and nothing is taken from the one that has it.
  const first = await inviteBy(scene, "alice", command, ["alice", "dave"]);
  const { channel } = await acceptedBy(scene, "alice", "dave", first);
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 1]), "running");
  channel.abort();
  await scene.clock.pass(2_500);
  assert.equal(await from("alice"), "accept");
  await scene.clock.pass(2_500);
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 1]), "unknown");
  assert.equal(await from("alice"), "other-coordinator", "it has had its turn");
  assert.equal(await from("carol"), "other-coordinator", "it is bob's turn");
  assert.equal(await from("bob"), "accept", "alice is there, but it is his turn");
  await scene.clock.pass(2_500);
  assert.equal(await turnGiven(scene, eve, "dave", id, [command, 0]), "unknown");
  assert.equal(await from("alice"), "other-coordinator", "what comes late takes nothing back");
  await scene.clock.pass(2_500);
  assert.equal(await turnGiven(scene, eve, "dave", id, [again, 0]), "unknown");
  assert.equal(await from("alice"), "other-coordinator", "its order was signed anew");
  assert.equal(await from("carol", again), "other-coordinator", "it is alice's turn");
  assert.equal(await from("alice", again), "accept");
});

Deno.test("Turns that one initiator gives are kept in a number, and one more is hung up on", () => {
  const clock = { monotonic: () => at };
  let at = 0;
  const carried = new Set<string>();
  const replayGuard = {
    carried: (key: string) => carried.has(key) ? { expires: 0, content: "" } : undefined,
  };
  const turns = new CoordinatorTurns({ clock } as unknown as Context, replayGuard);
  const order = new Uint8Array(32);
  for (let i = 0; i < maxTurnsGiven; i++) assert.ok(turns.moveTo("eve", `${i}`, { order, place: 0 }));
  assert.ok(!turns.moveTo("eve", "one more", { order, place: 0 }));
  assert.ok(turns.moveTo("eve", "7", { order, place: 1 }), "of a command that has one");
  assert.ok(turns.moveTo("frank", "one more", { order, place: 0 }), "of another initiator");
  carried.add("8");
  assert.ok(turns.moveTo("eve", "another", { order, place: 0 }), "one of hers was carried out");
  assert.ok(!turns.moveTo("eve", "one more still", { order, place: 0 }));
  at += maxCommandAge + 2 * clockSkew + 1;
  assert.ok(turns.moveTo("eve", "later", { order, place: 0 }));
});

Deno.test("Commands given to two coordinators at once open one session at most", async () => {
  await using scene = await start();
  const eve = await inPlaceOf(scene, "eve");
  const id = new Uint8Array(16).fill(9);
  const command = await commandBy(scene, ["alice", "bob"], { id });
  const order = async (to: string) => {
    const channel = await reach(scene, eve, to, protocols.command);
    await channel.send(framed(command, [item({ message: hello })]));
    return channel;
  };
  const channels = [await order("alice"), await order("bob")];
  for (let frames = 0; frames < 40; frames++) {
    if (!((await next(scene, channels[0]!, 2_000)) instanceof Uint8Array)) break;
  }
  await scene.clock.pass(5_000);
  assert.equal(sessions(scene, id.toHex()), 1);
  assert.deepEqual(proposers(scene, id.toHex()), ["alice"]);
});
