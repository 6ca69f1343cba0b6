import assert from "node:assert/strict";
import { Attempts } from "../../../src/cluster/links/attempts.ts";
import { type Arrived, ExpectedStreams } from "../../../src/cluster/links/expected_streams.ts";
import { ChannelError } from "../../../src/errors.ts";
import { acceptLapses, clockSkew, maxCommandAge, maxCommandIds } from "../../../src/limits.ts";
import type { Clock } from "../../../src/ports.ts";

/** The wall time at the start of each test, ms since 1970. */
const start = 1_767_225_600_000;
/** The monotonic time for which an accepted attempt is remembered, ms. */
const kept = maxCommandAge + 2 * clockSkew;

/** A clock whose two times a test sets. */
function handClock() {
  const time = { monotonic: 0, wall: start };
  const clock: Clock = {
    now: () => time.wall,
    monotonic: () => time.monotonic,
    timer: () => assert.fail("no timer is needed"),
  };
  return { time, clock };
}

/** The id of attempt number `n`, 32 bytes. */
function attemptOf(n: number): Uint8Array {
  const attempt = new Uint8Array(32);
  new DataView(attempt.buffer).setUint32(0, n);
  return attempt;
}

/** A stream of a peer. `aborted` tells whether it was dropped. */
function arrivedOf(peer: string) {
  const state = { aborted: false };
  const channel = { peer, abort: () => void (state.aborted = true) };
  return { state, arrived: { channel } as unknown as Arrived };
}

/** How a promise stands once everything that can happen at once has happened. */
async function standing(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = "waits";
  promise.then((value) => state = value, (error) => state = error);
  await new Promise((resolve) => setTimeout(resolve, 1));
  return state;
}

Deno.test("Attempts.begin() refuses an attempt that is under way, was accepted, or is over", () => {
  const attempts = new Attempts(handClock().clock);
  const [open, accepted, over, given] = [1, 2, 3, 4].map(attemptOf) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (const attempt of [open, accepted, over, given]) assert.ok(attempts.begin(attempt));
  attempts.accept(accepted, ["a"], start);
  attempts.accept(over, ["a"], start);
  attempts.end(over);
  attempts.end(given);
  for (const attempt of [open, accepted, over, given]) {
    assert.ok(attempts.knows(attempt));
    assert.equal(attempts.begin(attempt), false);
  }
  assert.ok(attempts.begin(attemptOf(5)));
});

Deno.test("Attempts knows an accepted attempt whose invite was reset, after 2,000 others came and went", () => {
  const attempts = new Attempts(handClock().clock);
  const [accepted, declined] = [attemptOf(0), attemptOf(1)];
  attempts.begin(declined);
  attempts.end(declined);
  attempts.begin(accepted);
  attempts.accept(accepted, ["a", "b"], start + 60_000);
  attempts.end(accepted);
  for (let n = 2; n < 2_002; n++) {
    assert.ok(attempts.begin(attemptOf(n)));
    if (n % 2 === 0) attempts.accept(attemptOf(n), ["a"], start + 60_000);
    attempts.end(attemptOf(n));
  }
  assert.equal(attempts.begin(accepted), false);
  for (let n = 2_002; n < 3_100; n++) {
    assert.ok(attempts.begin(attemptOf(n)));
    attempts.end(attemptOf(n));
  }
  assert.ok(attempts.begin(declined), "what was not accepted is forgotten in the end");
});

Deno.test("Attempts forgets an accepted attempt when both clocks are past it, whatever the wall clock did", () => {
  const { clock, time } = handClock();
  const attempts = new Attempts(clock);
  const expires = start + maxCommandAge;
  const accepted = attemptOf(0);
  attempts.begin(accepted);
  attempts.accept(accepted, ["a"], expires);
  attempts.end(accepted);
  const year = 365 * 24 * 3_600_000;
  const times: [string, number, number][] = [
    ["the accept has lapsed", acceptLapses + 1, start + acceptLapses + 1],
    ["the wall clock leaps ahead", 3_000, start + year],
    ["and back", 4_000, start + 4_000],
    ["and stands at the end of the command's life", kept, expires],
    ["the monotonic clock alone is past", kept + year, expires + clockSkew - 1],
    ["and the wall clock leaps back", kept + year, start - year],
  ];
  for (const [what, monotonic, wall] of times) {
    Object.assign(time, { monotonic, wall });
    assert.equal(attempts.begin(accepted), false, what);
  }
  const other = attemptOf(1);
  Object.assign(time, { monotonic: 0, wall: start });
  const short = new Attempts(clock);
  short.begin(other);
  short.accept(other, ["a"], start);
  short.end(other);
  Object.assign(time, { monotonic: kept - 1, wall: start + year });
  assert.equal(short.begin(other), false, "the wall clock alone is past");
  Object.assign(time, { monotonic: kept, wall: start + year });
  assert.ok(short.begin(other), "both are past");
});

Deno.test("Attempts refuses the next attempt when it remembers too many accepted ones", () => {
  const { clock, time } = handClock();
  const attempts = new Attempts(clock);
  for (let n = 0; n < maxCommandIds; n++) {
    attempts.begin(attemptOf(n));
    attempts.accept(attemptOf(n), ["a"], start);
    attempts.end(attemptOf(n));
  }
  const next = attemptOf(maxCommandIds);
  assert.equal(attempts.begin(next), false);
  assert.equal(attempts.begin(attemptOf(0)), false, "none was forgotten to make room");
  Object.assign(time, { monotonic: kept, wall: start + kept });
  assert.ok(attempts.begin(next));
});

Deno.test("Attempts forgets old attempts when full, though an older one was accepted while the wall clock was ahead", () => {
  const { clock, time } = handClock();
  const attempts = new Attempts(clock);
  for (let n = 0; n < maxCommandIds; n++) {
    attempts.begin(attemptOf(n));
    attempts.accept(attemptOf(n), ["a"], n === 0 ? start + 100 * kept : start);
    attempts.end(attemptOf(n));
  }
  Object.assign(time, { monotonic: kept, wall: start + kept });
  assert.ok(attempts.begin(attemptOf(maxCommandIds)));
  assert.equal(attempts.begin(attemptOf(0)), false);
});

Deno.test("Attempts keeps no stream before the accept, and none after the end", () => {
  const attempts = new Attempts(handClock().clock);
  const attempt = attemptOf(0);
  attempts.begin(attempt);
  assert.equal(attempts.streams(attempt), undefined);
  attempts.accept(attempt, ["a", "b"], start);
  const early = arrivedOf("a");
  attempts.streams(attempt)!.arrive(early.arrived);
  assert.equal(early.state.aborted, false);
  attempts.end(attempt);
  assert.equal(early.state.aborted, true);
  assert.equal(attempts.streams(attempt), undefined);
});

Deno.test("ExpectedStreams keeps one stream of each peer of the party, and none of anybody else", () => {
  const streams = new ExpectedStreams(["a", "b"]);
  const came = ["a", "a", "b", "c"].map((peer) => {
    const { state, arrived } = arrivedOf(peer);
    streams.arrive(arrived);
    return state.aborted;
  });
  assert.deepEqual(came, [false, true, false, true]);
});

Deno.test("ExpectedStreams.from() rejects for a peer that left before, and takes a stream that comes after that", async () => {
  const streams = new ExpectedStreams(["a", "b"]);
  streams.left("a");
  const gone = await standing(streams.from("a"));
  assert.ok(gone instanceof ChannelError, String(gone));
  const [first, second] = [arrivedOf("a"), arrivedOf("b")];
  streams.arrive(first.arrived);
  assert.equal(await standing(streams.from("a")), first.arrived);
  // A stream that came first is taken, though its peer has left since.
  streams.arrive(second.arrived);
  streams.left("b");
  assert.equal(await standing(streams.from("b")), second.arrived);
  assert.deepEqual([first.state.aborted, second.state.aborted], [false, false]);
});

Deno.test("ExpectedStreams.left() ends the waiting for that peer alone", async () => {
  const streams = new ExpectedStreams(["a", "b"]);
  const [a, b] = [streams.from("a"), streams.from("b")];
  streams.left("a");
  assert.ok(await standing(a) instanceof ChannelError);
  assert.equal(await standing(b), "waits");
  const { arrived } = arrivedOf("b");
  streams.arrive(arrived);
  assert.equal(await standing(b), arrived);
});

Deno.test("ExpectedStreams.drop() ends who waits, drops what came, and what comes later", async () => {
  const streams = new ExpectedStreams(["a", "b"]);
  const waiting = streams.from("a");
  const early = arrivedOf("b");
  streams.arrive(early.arrived);
  streams.drop();
  assert.ok(await standing(waiting) instanceof ChannelError);
  const late = arrivedOf("a");
  streams.arrive(late.arrived);
  assert.deepEqual([early.state.aborted, late.state.aborted], [true, true]);
});
