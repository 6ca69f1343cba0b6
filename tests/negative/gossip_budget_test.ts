import assert from "node:assert/strict";
import { decode, encode } from "cborg";
import { protocols } from "../../src/cluster/context.ts";
import { eventsTopic, presenceTopic } from "../../src/cluster/links/gossip.ts";
import { presenceRecord } from "../../src/cluster/rollback/presence.ts";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import { ChannelError } from "../../src/errors.ts";
import type { Channel } from "../../src/ports.ts";
import { sign } from "../../src/session/signed.ts";
import { inPlaceOf, next, type RawPeer, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

/** What a question is about. The encoding is written out: a peer that lies shares no code with ours. */
const aboutOf = (question: Uint8Array): string => (decode(question) as [string, string])[1];
const answerOf = (item: Uint8Array) => encode(["quorate/1/sync-answer", item]);
const questionOf = (about: string) => encode(["quorate/1/sync-question", about, new Uint8Array()]);
const eventsCodec = {
  encode: (events: object[]) =>
    encode(["quorate/2/events", events.map((event) => new TextEncoder().encode(JSON.stringify(event)))]),
  decode: (): object[] => [],
};

/** A console in other hands, and what it saw of Alice's questions about keys. */
interface Liar extends RawPeer {
  /** Questions about keys that came, and those among them that are open; the most that were. */
  questions: number;
  open: number;
  mostOpen: number;
  /** Frames and bytes of answers that were taken from it. */
  frames: number;
  bytes: number;
}

/** Takes a console's place, and lets `answer` answer each question about keys. */
async function liarIn(
  scene: Scene,
  answer: (liar: Liar, channel: Channel) => Promise<void>,
): Promise<Liar> {
  const raw = await inPlaceOf(scene, "eve");
  const liar: Liar = { ...raw, questions: 0, open: 0, mostOpen: 0, frames: 0, bytes: 0 };
  liar.network.handle(protocols.sync, (channel) =>
    void (async () => {
      const asked = await channel.receive();
      if (
        asked === null || aboutOf(asked) !== "keys" || channel.peer !== scene.peer("alice")
      ) return await channel.end();
      liar.questions++;
      liar.mostOpen = Math.max(liar.mostOpen, ++liar.open);
      await answer(liar, channel).finally(() => liar.open--);
    })().catch((error) => {
      if (!(error instanceof ChannelError)) throw error;
    }), { maxFrame: 1 << 20 });
  await reach(scene, liar, "alice", protocols.sync);
  return liar;
}

/** Publishes `count` batches, each saying that a key is active: one that nobody knows, unless `session` says which. */
async function gossip(scene: Scene, liar: Liar, count: number, session?: string): Promise<void> {
  for (let i = 0; i < count; i++) {
    const event = {
      type: "key",
      peer: liar.identity.peer,
      boot: "09".repeat(8),
      seq: liar.questions * 1000 + i,
      at: scene.clock.now(),
      wallet: `wallet ${i}`,
      curve: "ed25519",
      epoch: 1,
      session: session ?? new Uint8Array(32).fill(i + 1).toHex(),
      state: "active",
    };
    const { encoded } = await sign(liar.identity, eventsCodec, [event]);
    await liar.network.publish(eventsTopic(scene.cluster.roster.cluster), encoded);
  }
}

const withEve = { consoles: ["eve"], threshold: 2 };
/** Says `frame` over and over, far beyond what anybody should listen to. */
const withoutEnd = (frame: Uint8Array, times: number) => async (liar: Liar, channel: Channel) => {
  for (let i = 0; i < times; i++) {
    await channel.send(frame);
    liar.frames++;
    liar.bytes += frame.length;
  }
};

Deno.test("Gossip about keys costs one question at a time, however long the answers: none of 20 in a fifth of a second is 12 MB", async () => {
  await using scene = await Scene.start(withEve);
  const liar = await liarIn(scene, withoutEnd(answerOf(new Uint8Array(60_000)), 200));
  await scene.clock.pass(2_000);
  assert.equal(liar.questions, 1, "they met");
  [liar.questions, liar.mostOpen, liar.bytes] = [0, 0, 0];
  await gossip(scene, liar, 20);
  await scene.clock.pass(200);
  assert.deepEqual([liar.questions, liar.mostOpen], [1, 1]);
  assert.ok(liar.bytes < 500_000, `${liar.bytes} bytes`); // what a stream holds before the first answer is looked at
  await scene.clock.pass(5_000);
  assert.equal(liar.questions, 2, "for all that came meanwhile there is one more, and it is not lost");
});

Deno.test("Answers about keys are read up to a budget, one at a time", async () => {
  await using scene = await Scene.start(withEve);
  const asking = await inPlaceOf(scene, "carol");
  const channel = await reach(scene, asking, "alice", protocols.sync);
  await channel.send(questionOf("keys"));
  const certificate = await next(scene, channel);
  assert.ok(certificate instanceof Uint8Array);
  const liar = await liarIn(scene, withoutEnd(certificate, 10_000));
  await scene.clock.pass(10_000);
  assert.equal(liar.questions, 1);
  const window = 1 << 20; // of a stream, in memory or on a wire
  assert.ok(liar.bytes <= 1024 * certificate.length + window, `${liar.bytes} bytes in ${liar.frames} frames`);
  const excess = scene.everyone("alice").events.find((event) =>
    event.type === "warning" && event.code === "oversized-frame" && event.via === liar.identity.peer
  );
  assert.ok(excess, "that is said");
});

Deno.test("Gossip about a key whose certificate is known asks for nothing", async () => {
  await using scene = await Scene.start(withEve);
  const liar = await liarIn(scene, (_liar, channel) => channel.end());
  await scene.clock.pass(2_000);
  liar.questions = 0;
  await gossip(scene, liar, 3, scene.key.session);
  await scene.clock.pass(5_000);
  assert.equal(liar.questions, 0);
  await gossip(scene, liar, 1);
  await scene.clock.pass(5_000);
  assert.equal(liar.questions, 1);
});

Deno.test("A peer has eight questions answered at the same time, not more", async () => {
  await using scene = await Scene.start(withEve);
  const eve = await inPlaceOf(scene, "eve");
  const channels = [];
  for (let i = 0; i < 12; i++) channels.push(await reach(scene, eve, "alice", protocols.sync));
  await scene.clock.pass(50);
  const served = [];
  for (const channel of channels) {
    const sent = await channel.send(questionOf("keys")).then(() => true, () => false);
    served.push(sent && await next(scene, channel, 1_000) instanceof Uint8Array);
  }
  assert.deepEqual(served, channels.map((_, i) => i < 8));
  const after = await reach(scene, eve, "alice", protocols.sync);
  await after.send(questionOf("keys"));
  assert.ok(await next(scene, after) instanceof Uint8Array, "the next one is answered again");
});

/** Batches of one item each that say whether Eve is locked; `first`: the number of the first item. */
async function batches(liar: RawPeer, count: number, first: number, boot = "09".repeat(8)) {
  const items = Array.from({ length: count }, (_, i) => first + i)
    .map((seq) => ({ type: "locked", peer: liar.identity.peer, boot, seq, at: 0, locked: seq % 2 === 0 }));
  return await Promise.all(
    items.map(async (item) => (await sign(liar.identity, eventsCodec, [item])).encoded),
  );
}

async function say(
  scene: Scene,
  { network }: RawPeer,
  topic: typeof eventsTopic,
  messages: readonly Uint8Array[],
) {
  for (const message of messages) {
    await network.publish(topic(scene.cluster.roster.cluster), message);
  }
  await scene.clock.pass(100);
}

/** How many items of Eve's, as {@linkcode batches} makes them, Alice has heard. */
const heardOf = (scene: Scene, boot = "09".repeat(8)) =>
  scene.everyone("alice").events.filter((event) =>
    event.type === "locked" && event.peer === scene.peer("eve") && event.boot === boot
  ).length;

Deno.test("Of one peer a node hears 40 batches at once and 20 a second, and what is of an earlier start does not count against the latest", async () => {
  await using scene = await Scene.start(withEve);
  const boot = scene.everyone("alice").events.find((event) =>
    "peer" in event && event.peer === scene.peer("eve")
  );
  assert.ok(boot && "boot" in boot);
  const eve = await inPlaceOf(scene, "eve");
  await reach(scene, eve, "alice", protocols.sync);
  await scene.clock.pass(5_000);
  const latest = await batches(eve, 1, 1_000, boot.boot);
  await say(scene, eve, eventsTopic, [...await batches(eve, 200, 0), ...latest]);
  assert.equal(heardOf(scene), 40);
  assert.equal(heardOf(scene, boot.boot), 1, "the latest start");
  await scene.clock.pass(900);
  await say(scene, eve, eventsTopic, await batches(eve, 200, 200));
  assert.ok(heardOf(scene) >= 58 && heardOf(scene) <= 64, `${heardOf(scene)}`);
});

Deno.test("A batch that was heard is not heard again, and costs its author nothing", async () => {
  await using scene = await Scene.start(withEve);
  const eve = await inPlaceOf(scene, "eve");
  await reach(scene, eve, "alice", protocols.sync);
  await scene.clock.pass(5_000);
  const some = await batches(eve, 30, 0);
  await say(scene, eve, eventsTopic, some);
  assert.equal(heardOf(scene), 30);
  await scene.clock.pass(130_000); // gossip itself knows a content for two minutes
  await say(scene, eve, eventsTopic, some);
  assert.equal(heardOf(scene), 30);
  await say(scene, eve, eventsTopic, await batches(eve, 40, 100));
  assert.equal(heardOf(scene), 70);
});

Deno.test("Of one peer a node passes on 40 presences at once", async () => {
  await using scene = await Scene.start(withEve);
  const { roster } = scene.cluster;
  const [eve, carol] = [await inPlaceOf(scene, "eve"), await inPlaceOf(scene, "carol")];
  let passedOn = 0;
  carol.network.subscribe(presenceTopic(roster.cluster), {
    validate: (_message, via) => {
      if (via === scene.peer("alice")) passedOn++;
      return Promise.resolve("ignore");
    },
    deliver: () => {},
  });
  for (const raw of [eve, carol]) await reach(scene, raw, "alice", protocols.sync);
  await scene.clock.pass(5_000);
  const presence = (generation: number) => ({
    peer: eve.identity.peer,
    boot: new Uint8Array(8).fill(9),
    life: 0,
    store: 1_000,
    generation,
    key: new Uint8Array(32),
    time: scene.clock.now(),
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    links: [],
    locked: false,
  });
  const signed = await Promise.all(
    Array.from(
      { length: 200 },
      async (_, i) => (await sign(eve.identity, presenceRecord, presence(i + 1))).encoded,
    ),
  );
  passedOn = 0;
  await say(scene, eve, presenceTopic, signed);
  assert.ok(passedOn >= 40 && passedOn <= 45, `${passedOn}, with a few of its own`);
});
