import assert from "node:assert/strict";
import { decode, encode } from "cborg";
import { protocols } from "../../src/cluster/context.ts";
import { ChannelError } from "../../src/failure.ts";
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
    encode(["quorate/1/events", events.map((event) => new TextEncoder().encode(JSON.stringify(event)))]),
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
    await liar.network.publish(`quorate/1/events/${scene.cluster.roster.cluster}`, encoded);
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
