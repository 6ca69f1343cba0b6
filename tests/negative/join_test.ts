import assert from "node:assert/strict";
import type { JoinRequest } from "../../mod.ts";
import { eventsTopic } from "../../src/cluster/links/gossip.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { maxJoinFrame, maxStrangers } from "../../src/limits.ts";
import { asks, door, namesIn, problemOf, reveals, says, withAdmin } from "./asker.ts";
import { assertWorks } from "./honest.ts";
import { next, reach, stranger } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

const holder = { rights: ["holder"] } as const;
const used = /used|unknown/;

Deno.test("admit() lets in who waits with an invitation that a person approves, and its token is used up", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const dave = await asks(scene, "dave", invitation);
  assert.deepEqual([dave.waited, problemOf(dave)], [1, "it waits"]);
  const request: JoinRequest = {
    peer: dave.identity.peer,
    name: "dave",
    rights: ["holder"],
    words: dave.words!,
    noes: 0,
  };
  assert.deepEqual(alice.joining(), [request]);
  assert.deepEqual(
    namesIn(alice.roster),
    ["alice", "bob", "carol"],
    "nobody is in before that person's word",
  );
  await scene.clock.pass(60_000); // longer than a stranger has to ask
  assert.equal(problemOf(dave), "it waits");
  await scene.clock.until(alice.admit(dave.identity.peer));
  await scene.clock.pass(2_000);
  assert.equal(problemOf(dave), "it is in");
  for (const name of scene.names) {
    const entry = scene.node(name).roster.peers.find(({ peer }) => peer === dave.identity.peer);
    assert.deepEqual(entry?.rights, ["holder"], name);
  }
  assert.deepEqual([alice.joining(), alice.invites()], [[], []]);
  assert.deepEqual(door(scene), ["dave asking", "dave admitted"]);
  await dave.network.stop();
  await assertWorks(scene);
});

Deno.test("admit() takes back a no when its asker asks again, and another invitation knows nothing of it", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const dave = await asks(scene, "dave", invitation);
  const { peer } = dave.identity;
  alice.reject(peer);
  await scene.clock.pass(1_000);
  assert.match(problemOf(dave), /said no/);
  const other = await asks(scene, "dave", alice.invite(holder), "dave", dave);
  assert.deepEqual(alice.joining().map(({ noes }) => noes), [0]);
  other.leave();
  await scene.clock.pass(1_000);
  const again = await asks(scene, "dave", invitation, "dave", dave);
  assert.deepEqual(alice.joining().map(({ noes }) => noes), [1]);
  await scene.clock.until(alice.admit(peer));
  await scene.clock.pass(1_000);
  assert.equal(problemOf(again), "it is in");
});

Deno.test("admit() is not needed where an invitation says so, and is by default where it gives shares", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const cases = [
    [{ rights: ["observer"] }, "it is in"],
    [{ rights: ["observer"], approval: true }, "it waits"],
    [{ rights: ["holder"], approval: false }, "it is in"],
    [{ rights: ["holder"] }, "it waits"],
  ] as const;
  for (const [i, [options, ends]] of cases.entries()) {
    const asker = await asks(scene, `asker ${i}`, alice.invite(options));
    assert.equal(problemOf(asker), ends, JSON.stringify(options));
    await asker.network.stop();
    await scene.clock.pass(1_000);
  }
});

Deno.test("reject() refuses an asker, who may ask again until it has heard three noes, and leaves the invitation to whom it was meant for", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const mallory = await asks(scene, "mallory", invitation, "dave");
  alice.reject(mallory.identity.peer);
  await scene.clock.pass(1_000);
  assert.match(problemOf(mallory), /^invitation: .*said no/);
  for (const noes of [1, 2]) {
    const again = await asks(scene, "mallory", invitation, "dave", mallory);
    assert.equal(problemOf(again), "it waits");
    assert.deepEqual(alice.joining().map((request) => request.noes), [noes], "whoever decides is told");
    alice.reject(mallory.identity.peer);
    await scene.clock.pass(1_000);
    assert.match(problemOf(again), /said no/);
  }
  const last = await asks(scene, "mallory", invitation, "dave", mallory);
  assert.match(problemOf(last), /said no/);
  assert.equal(last.waited, 0, "nobody is asked about it a fourth time");
  await mallory.network.stop();
  const dave = await asks(scene, "dave", invitation);
  assert.deepEqual(alice.joining().map(({ peer }) => peer), [dave.identity.peer]);
  await scene.clock.until(alice.admit(dave.identity.peer));
  await scene.clock.pass(1_000);
  assert.equal(problemOf(dave), "it is in");
  assert.deepEqual(door(scene), [
    ...["dave asking", "dave refused", "dave asking", "dave refused", "dave asking", "dave refused"],
    ...["dave asking", "dave admitted"],
  ]);
  assert.throws(() => alice.reject(mallory.identity.peer), { name: "InputError", field: "peer" });
  await assert.rejects(alice.admit(mallory.identity.peer), { name: "InputError", field: "peer" });
});

Deno.test("Two askers with one token: the second is refused while the first waits, and not after it has left", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const first = await asks(scene, "dave", invitation);
  const second = await asks(scene, "mallory", invitation);
  assert.match(problemOf(second), used);
  assert.equal(second.waited, 0);
  assert.deepEqual(alice.joining().map(({ name }) => name), ["dave"]);
  first.leave();
  await scene.clock.pass(1_000);
  assert.deepEqual(alice.joining(), [], "who leaves frees its place");
  assert.equal((first.ended as { error: Error }).error.name, "AbortError");
  await assert.rejects(alice.admit(first.identity.peer), { field: "peer" });
  const third = await asks(scene, "erin", invitation);
  assert.equal(problemOf(third), "it waits");
  await third.network.stop(); // a connection that breaks is as good as a word
  await scene.clock.pass(1_000);
  assert.deepEqual(alice.joining(), []);
  assert.deepEqual(alice.roster.version, 1);
  assert.deepEqual(door(scene), ["dave asking", "dave left", "erin asking", "erin left"]);
});

Deno.test("Two askers at the same moment: one token lets one of them in", async () => {
  await using scene = await Scene.start(withAdmin);
  for (const approval of [true, false]) {
    const alice = scene.node("alice");
    const { token } = alice.invite({ ...holder, approval });
    const [a, b] = [await stranger(scene, `a ${approval}`), await stranger(scene, `b ${approval}`)];
    const both = await Promise.all([says(scene, a, token, "dave"), says(scene, b, token, "erin")]);
    for (const channel of both) await reveals(scene, channel);
    await scene.clock.pass(1_000);
    for (const { peer } of alice.joining()) await scene.clock.until(alice.admit(peer));
    await scene.clock.pass(1_000);
    const isIn = [a, b].filter(({ identity }) => alice.peers.has(identity.peer));
    assert.equal(isIn.length, 1, `approval ${approval}`);
    await Promise.all([a.network.stop(), b.network.stop()]);
    await scene.clock.pass(1_000);
  }
});

Deno.test("Who asks again takes the place of its older stream, and who is in hears so whatever it asks with", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const dave = await asks(scene, "dave", invitation);
  const again = await asks(scene, "dave", invitation, "dave", dave);
  assert.match(problemOf(dave), /nobody gave one/, "the older stream is hung up on");
  assert.equal(problemOf(again), "it waits");
  await scene.clock.until(alice.admit(again.identity.peer));
  await scene.clock.pass(1_000);
  const lost = await asks(scene, "dave", invitation, "dave", dave);
  assert.equal(problemOf(lost), "it is in");
  assert.equal(alice.roster.version, 2);
});

Deno.test("An invitation that expires while somebody waits says so, and takes the question back", async () => {
  const signals: AbortSignal[] = [];
  await using scene = await Scene.start({
    more: (name, { admin }) =>
      name !== "alice" ? {} : {
        admin,
        admit: (_request, { signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        },
      },
  });
  const alice = scene.node("alice");
  const late = await asks(scene, "dave", alice.invite({ ...holder, ms: 30_000 }));
  assert.equal(signals[0]!.aborted, false);
  await scene.clock.pass(30_000);
  assert.match(problemOf(late), /has expired/);
  assert.equal(signals[0]!.aborted, true);
  const gone = await asks(scene, "erin", alice.invite(holder));
  gone.leave();
  await scene.clock.pass(1_000);
  assert.equal(signals[1]!.aborted, true, "and when the asker leaves");
  assert.deepEqual(namesIn(alice.roster), scene.names);
  assert.deepEqual(door(scene), ["dave asking", "dave refused", "erin asking", "erin left"]);
});

Deno.test("NodeOptions.admit decides, and who throws or says something else lets nobody in", async () => {
  const said: unknown[] = ["accept", "decline", "yes", undefined];
  await using scene = await Scene.start({
    more: (name, { admin }) =>
      name !== "alice" ? {} : {
        admin,
        admit: () =>
          said.length > 0 ? Promise.resolve(said.shift() as "accept") : Promise.reject(new Error("broken")),
      },
  });
  const alice = scene.node("alice");
  const ends: string[] = [];
  for (const name of ["dave", "erin", "frank", "grace", "heidi"]) {
    const asker = await asks(scene, name, alice.invite(holder));
    ends.push(problemOf(asker).replace(/.*said no/, "no"));
    await asker.network.stop();
  }
  assert.deepEqual(ends, ["it is in", "no", "no", "no", "no"]);
});

Deno.test("revoke() turns away who waits, and the token is good for nobody; invites() never shows a token", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const [open] = alice.invites();
  assert.deepEqual(Object.keys(open!).sort(), ["approval", "expires", "id", "rights", "uses"]);
  assert.ok(!JSON.stringify(open).includes(invitation.token.toHex().slice(0, 8)));
  const dave = await asks(scene, "dave", invitation);
  alice.revoke(open!.id);
  await scene.clock.pass(1_000);
  assert.match(problemOf(dave), used);
  assert.deepEqual(alice.invites(), []);
  assert.throws(() => alice.revoke(open!.id), { name: "InputError", field: "id" });
  const eve = await stranger(scene, "eve");
  await assert.rejects(reach(scene, eve, "alice", protocols.join), "no invitation is open");
});

Deno.test("A token that was used or is open ends with the process of who gave it", async () => {
  await using scene = await Scene.start(withAdmin);
  const [once, open] = [1, 2].map(() => scene.node("alice").invite({ rights: ["observer"] }));
  const dave = await asks(scene, "dave", once!);
  assert.equal(problemOf(dave), "it is in");
  await dave.network.stop();
  const { roster } = scene.node("alice");
  scene.cluster.kill("alice");
  scene.cluster.roster = roster;
  await scene.cluster.boot("alice");
  scene.node("alice").invite({ rights: ["observer"] }); // somebody else's, so that strangers are let in
  for (const [i, invitation] of [once!, open!].entries()) {
    const asker = await asks(scene, `asker ${i}`, invitation);
    assert.match(problemOf(asker), used);
    await asker.network.stop();
  }
});

Deno.test("invite() says what is wrong with an invitation, and opens none", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const wrong = [
    ["rights", { rights: [] }],
    ["rights", { rights: ["admin" as "holder"] }],
    ["rights", { rights: ["holder", "holder"] }],
    ["uses", { rights: ["holder"], uses: 0 }],
    ["uses", { rights: ["holder"], uses: 1.5 }],
    ["ms", { rights: ["holder"], ms: 0 }],
    ["ms", { rights: ["holder"], ms: 8 * 24 * 3_600_000 }],
    ["token", { rights: ["holder"], token: new Uint8Array(15) }],
  ] as const;
  for (const [field, options] of wrong) {
    assert.throws(() => alice.invite(options), { name: "InputError", field }, JSON.stringify(options));
  }
  assert.deepEqual(alice.invites(), []);
  assert.throws(() => scene.node("bob").invite(holder), { name: "InputError", field: "admin" });
  assert.throws(() => scene.node("bob").revoke("00"), { name: "InputError", field: "admin" });
  await assert.rejects(scene.node("bob").admit(scene.peer("carol")), { name: "InputError", field: "admin" });
});

Deno.test("Whoever waits has said all: another word, or one too long, and its place is free", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const { token } = alice.invite(holder);
  const eve = await stranger(scene, "eve");
  for (const more of [new Uint8Array(1), new Uint8Array(maxJoinFrame + 1)]) {
    const channel = await says(scene, eve, token, "eve");
    assert.equal((await reveals(scene, channel)).state, "waiting");
    assert.equal(alice.joining().length, 1);
    await channel.send(more);
    assert.equal(await next(scene, channel), "broken");
    assert.deepEqual(alice.joining(), []);
  }
  const slow = await reach(scene, eve, "alice", protocols.join);
  assert.equal(await next(scene, slow, 6_000), "broken", "5 s to ask");
  for (const [name, protocol] of Object.entries(protocols)) {
    if (name === "join") continue;
    const channel = await reach(scene, eve, "alice", protocol);
    assert.equal(await next(scene, channel), "broken", `${name}, also while it waits`);
  }
});

Deno.test("No more strangers wait than may be connected, however many uses an invitation has", async () => {
  await using scene = await Scene.start(withAdmin);
  const invitation = scene.node("alice").invite({ ...holder, uses: 16 });
  const askers = [];
  for (let i = 0; i <= maxStrangers; i++) askers.push(await asks(scene, `asker ${i}`, invitation));
  assert.equal(scene.node("alice").joining().length, maxStrangers);
  assert.match(problemOf(askers.at(-1)!), /nobody gave one/);
  askers[0]!.leave();
  await askers[0]!.network.stop();
  const late = await asks(scene, "late", invitation);
  assert.equal(problemOf(late), "it waits");
});

Deno.test("A stranger without a token hears the same whatever it guesses, and costs nobody a question", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const brief = alice.invite({ ...holder, ms: 1_000 });
  const once = alice.invite({ rights: ["observer"] });
  const open = alice.invite(holder);
  await asks(scene, "dave", once);
  await asks(scene, "erin", open);
  const eve = await stranger(scene, "eve");
  const heard = [];
  for (const token of [new Uint8Array(16), once.token, open.token]) {
    heard.push(await next(scene, await says(scene, eve, token, "eve")));
  }
  assert.ok(heard[0] instanceof Uint8Array);
  assert.deepEqual(heard, [heard[0], heard[0], heard[0]], "made up, used, being used");
  const expired = await next(scene, await says(scene, eve, brief.token, "eve"));
  assert.notDeepEqual(expired, heard[0], "who has the token hears that it is too late");
  assert.deepEqual(alice.joining().map(({ name }) => name), ["erin"]);
});

Deno.test("askToJoin() says that nobody answered, or that another cluster did", async () => {
  await using scene = await Scene.start(withAdmin);
  const invitation = scene.node("alice").invite({ rights: ["observer"], uses: 3 });
  const foreign = await asks(scene, "dave", { ...invitation, cluster: scene.peer("bob") });
  assert.match(problemOf(foreign), /^invitation: expected the roster of cluster/);
  scene.cluster.kill("alice");
  const alone = await asks(scene, "erin", invitation);
  assert.match(problemOf(alone), /^invitation: .*nobody gave one/);
  const { network, identity } = await stranger(scene, "silent");
  network.handle(protocols.join, () => {}, { strangers: true });
  const silent = await asks(scene, "frank", { ...invitation, peer: identity.peer });
  assert.equal(problemOf(silent), "it waits");
  await scene.clock.pass(20_000);
  assert.match(problemOf(silent), /nobody gave one/);
});

Deno.test("Nobody but alice hears who is at her door", async () => {
  const all: { protocol: string; text: string }[] = [];
  await using scene = await Scene.start({
    ...withAdmin,
    carry: () => ({ bytes, protocol }) => {
      all.push({ protocol, text: new TextDecoder().decode(bytes) });
      return [{ bytes, afterMs: 0 }];
    },
  });
  await asks(scene, "dave", scene.node("alice").invite(holder));
  await scene.clock.pass(2_000);
  assert.deepEqual(door(scene), ["dave asking"]);
  for (const name of ["bob", "carol"]) {
    assert.ok(!scene.everyone(name).events.some(({ type }) => type === "join"), name);
  }
  const topic = eventsTopic(scene.cluster.roster.cluster);
  const carried = all.filter(({ protocol }) => protocol === topic);
  assert.ok(carried.length > 0 && !carried.some(({ text }) => text.includes('"join"')));
});

Deno.test("A full roster takes nobody in, and the node that would sign goes on", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite({ rights: ["observer"], uses: 64 });
  for (let i = 0; i < 61; i++) {
    const asker = await asks(scene, `asker ${i}`, invitation);
    assert.equal(problemOf(asker), "it is in");
    await asker.network.stop();
  }
  const late = await asks(scene, "late", invitation);
  assert.match(problemOf(late), /roster is full/);
  await late.network.stop();
  const held = await asks(scene, "held", alice.invite(holder));
  await assert.rejects(alice.admit(held.identity.peer), { name: "InputError", field: "peers" });
  await scene.clock.pass(1_000);
  assert.match(problemOf(held), /roster is full/);
  await assertWorks(scene);
});
