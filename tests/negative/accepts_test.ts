/**
 * A coordinator that collects accepts: two of one attempt, or as many at once as it likes.
 */
import assert from "node:assert/strict";
import { encodeOrder } from "../../src/cluster/records/order.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { Carrier } from "../../src/events.ts";
import { dataChannelBuffer, maxAcceptsPerInviter, maxEarlyBytes } from "../../src/limits.ts";
import { acceptRecord, askingRecord, declineRecord, inviteRecord } from "../../src/session/invite.ts";
import { readSigned, sign, unverified } from "../../src/session/signed.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { item } from "../sim/item.ts";
import { acceptedBy, answers, attemptBy, type ByHand, inviteTo, streamOf } from "./by_hand.ts";
import { assertFails, assertWorks } from "./honest.ts";
import { acceptOf, next } from "./raw_peer.ts";
import { hello, Scene, type SceneOptions, type Seen } from "./scene.ts";

/** The same command in an invite of its own, with changes. */
async function another(
  scene: Scene,
  coordinator: string,
  { invite }: ByHand,
  changes: Partial<ReturnType<typeof inviteRecord.decode>> = {},
): Promise<Uint8Array> {
  const { identity } = scene.everyone(coordinator);
  const { value } = (await readSigned(identity, inviteRecord, invite))!;
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  return (await sign(identity, inviteRecord, { ...value, nonce, ...changes })).encoded;
}

/** Sends invites, each on a stream of its own, all at once. */
async function inviteAtOnce(scene: Scene, from: string, to: string, invites: readonly Uint8Array[]) {
  const channels = await Promise.all(invites.map(() => streamOf(scene, from, to, protocols.invite)));
  await Promise.all(
    channels.map((channel, i) =>
      channel.send(encodeOrder({ signed: invites[i]!, items: [item({ message: hello })] }))
    ),
  );
  return channels;
}

for (const others of ["declined", "accepted"] as const) {
  Deno.test(`Accepts: who resets the stream of one, sends 1,030 other invites that are ${others}, and the first again, gets no second one`, async () => {
    await using scene = await Scene.start({ threshold: 2 });
    const made = await attemptBy(scene, "carol", ["bob", "carol"]);
    const { channel } = await acceptedBy(scene, "carol", "bob", made);
    channel.abort();
    await scene.clock.pass(1);
    const atOnce = others === "accepted" ? maxAcceptsPerInviter : 103;
    for (let sent = 0; sent < 1_030; sent += atOnce) {
      const changes = others === "accepted" ? {} : { epoch: 9 };
      const invites = await Promise.all(
        Array.from({ length: atOnce }, () => another(scene, "carol", made, changes)),
      );
      const channels = await inviteAtOnce(scene, "carol", "bob", invites);
      const answer = await next(scene, channels[0]!, 1_000);
      const record = others === "accepted" ? acceptRecord : declineRecord;
      assert.ok(
        answer instanceof Uint8Array &&
          await readSigned<unknown>(scene.everyone("bob").identity, record, answer),
      );
      for (const channel of channels) channel.abort();
      await scene.clock.pass(1);
    }
    const { answer } = await inviteTo(scene, "carol", "bob", made);
    assert.equal(answer, "broken");
    const { events, peer } = scene.everyone("bob");
    const warned = events.filter((event) =>
      event.type === "warning" && event.peer === peer && event.code === "replayed-frame" &&
      event.via === scene.peer("carol")
    );
    assert.equal(warned.length, 1);
    await assertWorks(scene);
  });
}

Deno.test("Accepts: of 100 invites of one inviter at once a few are accepted, the others find the node overloaded", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const made = await attemptBy(scene, "carol", ["bob", "carol"]);
  const invites = await Promise.all(Array.from({ length: 100 }, () => another(scene, "carol", made)));
  const channels = await inviteAtOnce(scene, "carol", "bob", invites);
  const said = await Promise.all(channels.map((channel) => next(scene, channel, 1_000)));
  const { identity } = scene.everyone("bob");
  const counts: Record<string, number> = {};
  for (const answer of said) {
    assert.ok(answer instanceof Uint8Array, String(answer));
    const decline = await readSigned(identity, declineRecord, answer);
    const code = decline?.value.code ??
      (await readSigned(identity, acceptRecord, answer) ? "accept" : "none");
    counts[code] = (counts[code] ?? 0) + 1;
  }
  assert.deepEqual(counts, { accept: maxAcceptsPerInviter, overloaded: 100 - maxAcceptsPerInviter });
  // The place of each is free again once it has lapsed.
  await scene.clock.pass(2_500);
  await acceptedBy(scene, "carol", "bob", await attemptBy(scene, "carol", ["bob", "carol"]));
  await assertWorks(scene);
});

Deno.test("Accepts: of all inviters together a node accepts what early streams may fill, by their carriers", async () => {
  const names = ["alice", "bob", "carol", "dave", "eve"];
  await using scene = await Scene.start({ names, threshold: names.length });
  const inviters = names.filter((name) => name !== "bob");
  const { network } = scene.node("bob");
  const inMemory = network.carrier(scene.peer("alice"))!;
  const carriedBy = (kind: Carrier["kind"]) => network.carrier = () => ({ ...inMemory, kind });
  /** All inviters send as many invites as each may. @returns How many bob accepts, before all of them lapse. */
  const accepted = async (): Promise<number> => {
    const channels = await Promise.all(inviters.map(async (name) => {
      const made = await attemptBy(scene, name, names);
      const invites = await Promise.all(
        Array.from({ length: maxAcceptsPerInviter }, () => another(scene, name, made)),
      );
      return await inviteAtOnce(scene, name, "bob", invites);
    }));
    const answers = await Promise.all(channels.flat().map((channel) => next(scene, channel, 1_000)));
    return answers.filter((answer) => answer instanceof Uint8Array && unverified(acceptRecord, answer))
      .length;
  };
  const all = inviters.length * maxAcceptsPerInviter;
  const most = Math.floor(maxEarlyBytes / (inviters.length * dataChannelBuffer));
  assert.ok(most < all);
  for (
    const [kind, expected] of [["memory", all], ["webrtc", most], ["websocket", all], [
      "webrtc-direct",
      most,
    ]] as const
  ) {
    carriedBy(kind);
    assert.equal(await accepted(), expected, kind);
    carriedBy("memory"); // what was counted is free again, whatever the carriers are by then
    await scene.clock.pass(2_500);
  }
});

const isGo = (bytes: Uint8Array): boolean => new TextDecoder("latin1").decode(bytes).includes("quorate/4/go");

/** The parties that a peer has proposed for a command, in order. */
const proposedBy = (scene: Scene, seen: Seen, name: string): string[][] =>
  seen.view(name).flatMap((event) =>
    event.type === "proposed" ? [event.party.map((peer) => scene.nameOf(peer)).sort()] : []
  );

Deno.test("Accepts: one that comes after its member has said that it asks a person is none, and no go answers it", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity } = scene.everyone("carol");
  const gos: unknown[] = [];
  answers(scene, "carol", async (channel, attempt) => {
    await channel.send((await sign(identity, askingRecord, { attempt })).encoded);
    await new Promise<void>((resolve) => scene.clock.timer(100, resolve));
    await channel.send(await acceptOf(identity, attempt));
    gos.push(await channel.receive());
  });
  const seen = await scene.sign(["alice", "carol"]);
  assertFails(scene, seen, "alice", { code: "not-enough-peers", missing: ["carol"], key: "safe" });
  assert.deepEqual(gos, [null], "the stream ends without a go");
});

/** A scene in which the accepts of some peers take so long on their way, and every go is counted. */
async function withSlow(options: SceneOptions, slowMs: (name: string) => number) {
  const gos: string[] = [];
  const scene = await Scene.start({
    carry: (_clock, nameOf) => ({ bytes, protocol, from, to }) => {
      if (protocol === protocols.invite && isGo(bytes)) gos.push(nameOf(to));
      const isAccept = protocol === protocols.invite && unverified(acceptRecord, bytes) !== null;
      return [{ bytes, afterMs: isAccept ? slowMs(nameOf(from)) : 0 }];
    },
    ...options,
  });
  gos.length = 0;
  return { scene, gos };
}

Deno.test("Accepts: those that have nearly lapsed when the last one comes are asked for again, and no go is sent", async () => {
  const slow = { times: 0 };
  const { scene, gos } = await withSlow({ threshold: 3 }, (name) => {
    if (name !== "carol" || slow.times === 0) return 0;
    slow.times--;
    return 1_700;
  });
  await using _scene = scene;
  slow.times = 1;
  const seen = await scene.sign(["alice", "bob", "carol"]);
  assert.ok(seen.value, seen.error?.code);
  assert.equal(proposedBy(scene, seen, "alice").length, 2);
  assert.deepEqual(gos.sort(), ["bob", "carol"]);
  for (const name of ["bob", "carol"]) {
    assert.equal(seen.view(name).filter(({ type }) => type === "began").length, 1);
  }
});

Deno.test("Accepts: who is always so late that the others' lapse counts as silent in the end, and is in nobody's way", async () => {
  const slow = { ms: 0 };
  const { scene } = await withSlow(
    { names: ["alice", "bob", "carol", "dave"], threshold: 3 },
    (name) => name === "carol" ? slow.ms : 0,
  );
  await using _scene = scene;
  slow.ms = 1_700;
  const fixed = await scene.sign(["alice", "bob", "carol"]);
  assertFails(scene, fixed, "alice", { code: "not-enough-peers", missing: ["carol"], key: "safe" });
  assert.equal(proposedBy(scene, fixed, "alice").length, 3);
  for (let tries = 0, met = false; !met; tries++) {
    assert.ok(tries < 20, "carol is never invited");
    const seen = await scene.watch(() =>
      scene.node("alice").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
    );
    assert.ok(seen.value, seen.error?.code);
    const parties = proposedBy(scene, seen, "alice");
    met = parties[0]!.includes("carol");
    assert.equal(parties.length, met ? 4 : 1);
    assert.ok(!parties.at(-1)!.includes("carol"));
  }
});

Deno.test("Accepts: a command that is cancelled between the last one and the go is opened nowhere", async () => {
  const box: { scene?: Scene; cancel?: () => void } = {};
  let gos = 0;
  await using scene = await Scene.start({
    threshold: 2,
    async identities(random, name) {
      const identity = await nobleIdentity(random);
      if (name !== "alice") return identity;
      return {
        ...identity,
        async sign(message) {
          if (isGo(message) && box.cancel) {
            box.cancel();
            await new Promise<void>((resolve) => box.scene!.clock.timer(10, resolve));
          }
          return await identity.sign(message);
        },
      };
    },
    carry: () => ({ bytes, protocol }) => {
      if (protocol === protocols.invite && isGo(bytes)) gos++;
      return [{ bytes, afterMs: 0 }];
    },
  });
  box.scene = scene;
  gos = 0;
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const seen = await scene.watch(() => {
    const session = scene.node("alice").sign({
      wallet: "treasury",
      scheme: "ed25519",
      message: hello,
      signers,
    });
    box.cancel = () => session.cancel();
    return session;
  });
  delete box.cancel;
  assert.equal(seen.error?.code, "cancelled");
  assert.equal(gos, 0);
  assert.deepEqual(seen.view("bob"), []);
  assert.equal(seen.view("alice").some(({ type }) => type === "opened"), false);
  await assertWorks(scene);
});
