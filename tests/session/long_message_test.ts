/** A session that fails, or is silenced, while a long message of it is under way. */
import assert from "node:assert/strict";
import { maxPiece, maxSessionMessage } from "../../src/limits.ts";
import type { Wire } from "../../src/ports.ts";
import { abortRecord, abortRound } from "../../src/session/control.ts";
import { decodeEnvelope } from "../../src/session/envelope.ts";
import type { EventBody } from "../../src/session/plan.ts";
import { runSession } from "../../src/session/session.ts";
import { body, linkSecret, piecesFrom, session, streams } from "./wire_stage.ts";

/** The session's time, ms. */
const totalMs = 1_000;

/**
 * A session of alice with bob, in which she sends him a message of 20 pieces and one of a single piece, and waits until
 * her time is over. He reads nothing yet.
 */
async function sending() {
  const { stop: stopAll, ...made } = await streams();
  const { clock, alice, bob, own, arrived } = made;
  const [open, silence] = [new AbortController(), new AbortController()];
  const told: EventBody[] = [];
  const run: { wire: Wire | null } = { wire: null };
  const result = runSession<void>({
    identity: alice,
    clock,
    session,
    id: new Uint8Array(16),
    kind: "sign",
    initiator: alice.peer,
    party: [alice.peer, bob.peer].sort(),
    voters: [],
    rounds: ["correct"],
    totalMs,
    roundMs: 5_000,
    maxMessage: maxSessionMessage(20),
    streams: {
      outgoing: () =>
        Promise.resolve({ channel: own, linkSecret: linkSecret.slice(), ended: Promise.resolve() }),
      incoming: () =>
        Promise.resolve({ channel: arrived, linkSecret: linkSecret.slice(), open: new Uint8Array() }),
    },
    protocol: {
      run({ wire, signal }) {
        run.wire = wire;
        wire.send(bob.peer, "correct", new Uint8Array(20 * maxPiece), "one");
        wire.send(bob.peer, "finish", body, "all");
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    },
    control: { signal: open.signal, silenced: silence.signal, untilBanIsDurable: Promise.resolve() },
    log: { emit: (event) => told.push(event), warn: (code) => assert.fail(code) },
    ban: () => Promise.reject(new Error("Cannot ban: no check of this session may")),
    resultHash: () => "",
  }, (end) => void clock.timer(500, () => end.abort())).then(() => null, (error) => error);
  await clock.pass(10); // the stream is full
  const sent: { part: string; bytes: Uint8Array }[] = [];
  /** What has come, by its round; of a longer message, by its parts. */
  const words = () => sent.map(({ part, bytes }) => part === "whole" ? decodeEnvelope(bytes).round : part);
  return { ...made, stopAll, result, silence, told, sent, words, wire: run.wire! };
}

/** The session ends by its time, in an abort that is the last word, after no more of the message than was under way. */
async function assertTorn(made: Awaited<ReturnType<typeof sending>>): Promise<void> {
  const { clock, sent, told, result, words } = made;
  await clock.pass(totalMs);
  const reading = piecesFrom(made, sent).catch(() => {}); // alice drops her stream
  await clock.pass(1_000);
  assert.equal((await result).code, "round-timeout");
  await reading;
  assert.ok(sent.length <= 7, `${sent.length} frames`);
  const { round, body } = decodeEnvelope(sent.at(-1)!.bytes);
  assert.deepEqual([round, abortRecord.decode(body).code], [abortRound, "round-timeout"]);
  assert.ok(words().slice(0, -1).every((word) => word === "more"), words().join(" "));
  assert.equal(told.at(-1)!.type, "failed");
}

Deno.test("runSession() sends its abort soon while a long message is under way, and no more of that, nor what waits behind it", async () => {
  const made = await sending();
  await assertTorn(made);
  await made.stopAll();
});

Deno.test("runSession() cuts a message of a silenced session no earlier and no later than with its abort", async () => {
  const made = await sending();
  made.silence.abort();
  await assertTorn(made);
  await made.stopAll();
});

// A peer that has stopped reading knows what must come next. What it reads on then is the same, whether a check has failed
// meanwhile or not.
Deno.test("runSession() sends what it was given before it was silenced to the end, and nothing that it is given after", async () => {
  const made = await sending();
  const { clock, bob, sent, words, result, wire } = made;
  made.silence.abort();
  wire.send(bob.peer, "short", body, "all");
  wire.send(bob.peer, "long", new Uint8Array(3 * maxPiece), "one");
  const reading = piecesFrom(made, sent).catch(() => {}); // alice drops her stream
  await clock.pass(100);
  wire.send(bob.peer, "late", body, "all");
  await clock.pass(100);
  const honest = [...Array(20).fill("more"), "last", "finish"];
  assert.deepEqual(words(), honest);
  await clock.pass(2_000);
  assert.equal((await result).code, "round-timeout");
  await reading;
  assert.deepEqual(words(), [...honest, abortRound]);
  await made.stopAll();
});
