import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
import { joinAnswer, joinRecord } from "../../src/cluster/roster/join.ts";
import {
  joinCommitment,
  joinDigest,
  joinReveal,
  opensCommitment,
} from "../../src/cluster/roster/join_words.ts";
import { fourWords } from "../../src/identity/four_words.ts";
import { maxJoinFrame } from "../../src/limits.ts";
import { longestName } from "../../src/cluster/roster/peer_name.ts";
import type { Channel } from "../../src/ports.ts";
import { asks, door, nonce, problemOf, reveals, says, withAdmin } from "./asker.ts";
import { assertWorks } from "./honest.ts";
import { next, reach, stranger } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

const holder = { rights: ["holder"] } as const;
const of = (byte: number) => new Uint8Array(32).fill(byte);

/** What alice was warned of. */
const warned = (scene: Scene) =>
  scene.everyone("alice").events.filter((event) =>
    event.type === "warning" && event.code === "unauthentic-frame"
  ).length;

Deno.test("joinDigest() differs with each peer, the cluster, the token and either nonce", () => {
  const joining = { cluster: "cluster", admin: "alice", joiner: "dave", token: new Uint8Array(16) };
  const nonces = { joiner: of(1), admin: of(2) };
  const digests = [
    joinDigest(joining, nonces),
    joinDigest({ ...joining, cluster: "other" }, nonces),
    joinDigest({ ...joining, admin: "mallory" }, nonces),
    joinDigest({ ...joining, joiner: "mallory" }, nonces),
    joinDigest({ ...joining, token: new Uint8Array(16).fill(1) }, nonces),
    joinDigest(joining, { ...nonces, joiner: of(3) }),
    joinDigest(joining, { ...nonces, admin: of(3) }),
  ];
  assert.equal(new Set(digests.map((digest) => fourWords(digest).join(" "))).size, digests.length);
  const commitment = joinCommitment(of(1), joining);
  assert.ok(opensCommitment(commitment, of(1), joining));
  assert.ok(!opensCommitment(commitment, of(2), joining));
  assert.ok(!opensCommitment(commitment, of(1), { ...joining, joiner: "mallory" }), "it is nobody else's");
  assert.ok(!opensCommitment(commitment, of(1), { ...joining, admin: "mallory" }));
});

Deno.test("Both sides of a join show the same words, others each time, and the longest name fits into its frame", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite({ ...holder, uses: 2 });
  const dave = await asks(scene, "dave", invitation);
  const erin = await asks(scene, "erin", invitation);
  const shown = [dave, erin].map(({ words }) => words!.join(" "));
  assert.deepEqual(alice.joining().map(({ words }) => words.join(" ")), shown);
  assert.notEqual(shown[0], shown[1], "under another peer id the words differ");
  const again = await asks(scene, "dave", invitation, "dave", dave);
  assert.notDeepEqual(again.words, dave.words, "a second asking has words of its own");
  assert.deepEqual(alice.joining().map(({ words }) => words), [again.words, erin.words]);
  const frame = joinRecord.encode({
    token: invitation.token,
    commitment: of(1),
    name: "界".repeat(longestName),
  });
  assert.ok(frame.length <= maxJoinFrame, `${frame.length}`);
});

Deno.test("An asker that reveals another nonce than it committed to is hung up on, and nobody is asked", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const { token } = alice.invite(holder);
  const [dave, mallory] = [await stranger(scene, "dave"), await stranger(scene, "mallory")];
  const admin = scene.peer("alice");
  const wrong = [
    [joinCommitment(of(7), { admin, joiner: mallory.identity.peer }), "of another nonce"],
    [joinCommitment(nonce, { admin, joiner: dave.identity.peer }), "copied from somebody else"],
    [of(0), "of nothing"],
  ] as const;
  for (const [i, [commitment, what]] of wrong.entries()) {
    const channel = await says(scene, mallory, token, "dave", commitment);
    assert.equal((await reveals(scene, channel)).says, "waiting", what);
    assert.equal(await next(scene, channel), "broken", what);
    assert.deepEqual(alice.joining(), [], what);
    await scene.clock.pass(1_000);
    assert.equal(warned(scene), i + 1, what);
  }
  assert.deepEqual(door(scene), []);
  const honest = await asks(scene, "dave", { ...alice.invite(holder), token }, "dave", dave);
  assert.equal(problemOf(honest), "it waits", "its place is free");
  await assertWorks(scene);
});

Deno.test("An asker that never reveals, says something else, or leaves once it knows the other nonce, is hung up on", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  const eve = await stranger(scene, "eve");
  const endings: Record<string, (channel: Channel) => Promise<void>> = {
    "silent": () => Promise.resolve(),
    "other bytes": (channel) => channel.send(new Uint8Array(40)),
    "another record": (channel) => channel.send(joinAnswer.encode({ says: "joined", number: 1, nonce })),
    "too much": (channel) => channel.send(new Uint8Array(maxJoinFrame + 1)),
    "the end": (channel) => channel.end(),
  };
  for (const [what, act] of Object.entries(endings)) {
    const channel = await says(scene, eve, invitation.token, "eve");
    const heard = await next(scene, channel);
    assert.ok(heard instanceof Uint8Array, what);
    assert.equal(joinAnswer.decode(heard).nonce.length, 32);
    await act(channel);
    assert.equal(await next(scene, channel, 6_000), "broken", what);
    assert.deepEqual(alice.joining(), [], what);
  }
  await assert.rejects(alice.admit(eve.identity.peer), { field: "peer" }, "there is nothing to say yes to");
  assert.deepEqual(door(scene), [], "nobody was asked");
  const dave = await asks(scene, "dave", invitation);
  assert.equal(problemOf(dave), "it waits");
});

Deno.test("Somebody between the two, who knows the invitation, is shown with other words than the one who was invited", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite({ ...holder, uses: 2 });
  const mallory = await stranger(scene, "mallory");
  // Dave's link names Mallory. She passes on what can be passed on.
  mallory.network.handle(protocols.join, (channel) => {
    void (async () => {
      const asked = joinRecord.decode((await channel.receive())!);
      const onward = await reach(scene, mallory, "alice", protocols.join);
      const own = joinCommitment(nonce, { admin: scene.peer("alice"), joiner: mallory.identity.peer });
      await onward.send(joinRecord.encode({ ...asked, commitment: own }));
      await channel.send((await onward.receive())!);
      await channel.receive();
      await onward.send(joinReveal.encode({ nonce }));
    })();
  }, { strangers: true });
  const dave = await asks(scene, "dave", { ...invitation, peer: mallory.identity.peer });
  await scene.clock.pass(1_000);
  const [request] = alice.joining();
  assert.equal(request?.peer, mallory.identity.peer);
  assert.equal(request.name, "dave");
  assert.ok(dave.words);
  assert.notDeepEqual(request.words, dave.words);
  dave.leave();
});

Deno.test("An invitation closes after 64 nonces more than it has uses: nobody tries words for long", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite(holder);
  alice.invite({ rights: ["observer"] }); // so that strangers are let in
  const eve = await stranger(scene, "eve");
  const heard: string[] = [];
  while (heard.length < 70) {
    const channel = await says(scene, eve, invitation.token, "eve");
    const frame = await next(scene, channel);
    assert.ok(frame instanceof Uint8Array);
    const answer = joinAnswer.decode(frame);
    heard.push(answer.says);
    channel.abort();
    await scene.clock.pass(100);
  }
  assert.deepEqual([heard.indexOf("used"), new Set(heard.slice(65))], [65, new Set(["used"])]);
  assert.equal(alice.invites().length, 1);
});
