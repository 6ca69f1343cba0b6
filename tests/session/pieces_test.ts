/** Messages in pieces: what a wire takes of a peer, and what it sends. */
import assert from "node:assert/strict";
import { maxItems, maxPiece, maxSessionMessage, streamWindow } from "../../src/limits.ts";
import { abortRound, cancelRound, voteRound } from "../../src/session/control.ts";
import { decodeEnvelope, encodeEnvelope } from "../../src/session/envelope.ts";
import { JoinedPieces, piecesOf } from "../../src/session/messages/pieces.ts";
import { body, piece, piecesFrom, signed, stage } from "./wire_stage.ts";

const longest = maxSessionMessage(maxItems);

/** Bytes of which no two pieces are equal. */
function filled(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i % 251;
  return bytes;
}

/** A message of bob that takes four pieces, encoded; and these. */
async function inFour(bob: Parameters<typeof signed>[0]) {
  const message = encodeEnvelope(await signed(bob, { body: filled(3 * maxPiece + 100) }));
  const cut = [...piecesOf(message)].map(({ part, bytes }) => piece(part, bytes));
  assert.equal(cut.length, 4);
  return cut as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
}
const room = { maxMessage: 5 * maxPiece };

for (
  const [length, parts] of [
    [1, ["whole"]],
    [maxPiece, ["whole"]],
    [maxPiece + 1, ["more", "last"]],
    [2 * maxPiece, ["more", "last"]],
    [longest, [...Array(Math.floor(longest / maxPiece)).fill("more"), "last"]],
  ] as const
) {
  Deno.test(`piecesOf() cuts ${length} bytes into ${parts.length}, which join to the same`, () => {
    const message = filled(length);
    const pieces = [...piecesOf(message)];
    assert.deepEqual(pieces.map(({ part }) => part), parts);
    const joined = new JoinedPieces(length);
    const whole = pieces.map((one) => joined.add(one));
    assert.ok(whole.slice(0, -1).every((none) => none === null));
    assert.ok(Buffer.from(whole.at(-1)!).equals(message));
  });
}

Deno.test("openWire() hands in a long message once its last piece has come, and nothing of it before", async () => {
  const { bob, frameOf, heard, warned, faults, stop } = await stage(room);
  const cut = await inFour(bob);
  for (const [counter, plain] of cut.entries()) {
    assert.deepEqual([heard, warned], [[], []]);
    await frameOf(plain, counter);
  }
  assert.deepEqual(heard.map(({ body }) => body.length), [3 * maxPiece + 100]);
  await frameOf(cut[3], 3);
  assert.deepEqual([heard.length, warned, faults], [1, ["replayed-frame"], []]);
  await stop();
});

Deno.test("openWire() finds the link lost when a piece is dropped, or comes before the one before it", async () => {
  for (const order of [[0, 2], [0, 1, 3], [1], [0, 2, 1, 3]]) {
    const { bob, frameOf, heard, faults, stop } = await stage(room);
    const cut = await inFour(bob);
    for (const counter of order) await frameOf(cut[counter]!, counter);
    const ends = faults.map(({ code, missing, culprits }) => ({ code, missing, culprits }));
    assert.deepEqual(ends, [{ code: "link-lost", missing: [bob.peer], culprits: [] }], `${order}`);
    assert.deepEqual(heard, []);
    await stop();
  }
});

Deno.test("openWire() counts a piece that comes twice, and joins it once", async () => {
  const { bob, frameOf, heard, warned, faults, stop } = await stage(room);
  const cut = await inFour(bob);
  for (const counter of [0, 1, 1, 0, 2, 3]) await frameOf(cut[counter]!, counter);
  assert.deepEqual([heard.length, warned, faults], [1, ["replayed-frame", "replayed-frame"], []]);
  await stop();
});

for (
  const [what, order] of [
    ["swaps two pieces", [1, 0, 2, 3]],
    ["leaves one out", [0, 1, 3]],
    ["sends one twice", [0, 1, 1, 2, 3]],
    ["begins with the last", [3]],
    ["begins another message in the middle of one", [0, 1, 0, 1, 2, 3]],
  ] as const
) {
  Deno.test(`openWire() names who ${what}, sealed in the order in which they come`, async () => {
    const { bob, frameOf, heard, faults, stop } = await stage(room);
    const cut = await inFour(bob);
    for (const [counter, which] of order.entries()) await frameOf(cut[which]!, counter);
    assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [
      ["malformed-message", [bob.peer]],
    ]);
    assert.deepEqual(heard, []);
    await stop();
  });
}

Deno.test("openWire() drops a message of which two pieces were swapped before they were sealed: nobody has signed it", async () => {
  const { bob, frameOf, heard, warned, faults, stop } = await stage(room);
  const cut = await inFour(bob);
  for (const [counter, which] of [0, 2, 1, 3].entries()) await frameOf(cut[which]!, counter);
  assert.deepEqual([heard, warned, faults], [[], ["unauthentic-frame"], []]);
  await stop();
});

Deno.test("openWire() names who sends what is no piece, or pieces of another length", async () => {
  const made = await stage(room);
  const small = encodeEnvelope(await signed(made.bob));
  const around = encodeEnvelope(await signed(made.bob, { body: filled(maxPiece - 1_000) })).length -
    (maxPiece - 1_000);
  const full = encodeEnvelope(await signed(made.bob, { body: filled(maxPiece - around) }));
  assert.equal(full.length, maxPiece);
  await made.stop();
  for (
    const plains of [
      [piece("last", small)],
      [piece("more", full), piece("last", new Uint8Array(0))],
      [new TextEncoder().encode("hello")],
      [piece("first", body)],
      [piece("whole", new Uint8Array(maxPiece + 1))],
      [piece("more", new Uint8Array(maxPiece - 1))],
      [piece("more", new Uint8Array(0))],
    ]
  ) {
    const { bob, frameOf, faults, stop } = await stage(room);
    for (const [counter, plain] of plains.entries()) await frameOf(plain, counter);
    assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [
      ["malformed-message", [bob.peer]],
    ]);
    await stop();
  }
});

Deno.test("openWire() takes a message of the greatest length, and names who sends one byte more", async () => {
  const { bob, frameOf, heard, faults, stop } = await stage({ maxMessage: 2 * maxPiece });
  const around = encodeEnvelope(await signed(bob, { body: filled(maxPiece) })).length - maxPiece;
  const most = encodeEnvelope(await signed(bob, { body: filled(2 * maxPiece - around) }));
  assert.equal(most.length, 2 * maxPiece);
  let counter = 0;
  for (const { part, bytes } of piecesOf(most)) await frameOf(piece(part, bytes), counter++);
  assert.deepEqual([heard.length, faults], [1, []]);
  const full = piece("more", new Uint8Array(maxPiece));
  for (const plain of [full, full]) await frameOf(plain, counter++);
  assert.deepEqual(faults, [], "as long as the message may be");
  await frameOf(piece("last", new Uint8Array(1)), counter);
  assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [["malformed-message", [bob.peer]]]);
  await stop();
});

Deno.test("openWire() names whose message never ends, before more of it is kept than it may have", async () => {
  const { bob, frameOf, faults, stop } = await stage({ maxMessage: 2 * maxPiece });
  const full = piece("more", new Uint8Array(maxPiece));
  for (const counter of [0, 1]) await frameOf(full, counter);
  assert.deepEqual(faults, []);
  await frameOf(full, 2);
  assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [["malformed-message", [bob.peer]]]);
  await stop();
});

Deno.test("openWire() names who sends more to a protocol that has not begun than two longest messages", async () => {
  const { bob, say, frameOf, listen, heard, faults, stop } = await stage({
    maxMessage: maxPiece,
    listens: false,
  });
  const around = encodeEnvelope(await signed(bob, { body: filled(maxPiece - 1_000) })).length -
    (maxPiece - 1_000);
  const message = async (round: string) =>
    encodeEnvelope(await signed(bob, { round, body: filled(maxPiece - around) }));
  await say(await message("first."), 0);
  await say(await message("second"), 1);
  assert.deepEqual(faults, []);
  await frameOf(piece("whole", encodeEnvelope(await signed(bob, { round: "third", body }))), 2);
  assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [["malformed-message", [bob.peer]]]);
  listen();
  assert.equal(heard.length, 2);
  await stop();
});

Deno.test("openWire() names who sends an abort that takes more than one piece", async () => {
  const { bob, frameOf, heard, faults, stop } = await stage(room);
  const abort = encodeEnvelope(await signed(bob, { round: abortRound, body: filled(maxPiece) }));
  for (const [counter, { part, bytes }] of [...piecesOf(abort)].entries()) {
    await frameOf(piece(part, bytes), counter);
  }
  assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [["malformed-message", [bob.peer]]]);
  assert.deepEqual(heard, []);
  await stop();
});

Deno.test("openWire() hears only that a peer has left, when its stream ends in the middle of a message", async () => {
  for (const end of ["ends", "breaks"]) {
    const { bob, frameOf, theirs, clock, heard, faults, left, stop } = await stage(room);
    const cut = await inFour(bob);
    for (const counter of [0, 1, 2]) await frameOf(cut[counter]!, counter);
    if (end === "ends") await theirs.end();
    else theirs.abort();
    await clock.pass(1);
    assert.deepEqual([heard, faults, left], [[], [], [bob.peer]], end);
    await stop();
  }
});

Deno.test("openWire() takes an abort between the pieces of a longer message, and the rest of it after", async () => {
  const { bob, frameOf, heard, faults, stop } = await stage(room);
  const cut = await inFour(bob);
  const abort = piece("whole", encodeEnvelope(await signed(bob, { round: abortRound })));
  for (const [counter, plain] of [cut[0], cut[1], abort, cut[2], cut[3]].entries()) {
    await frameOf(plain, counter);
  }
  assert.deepEqual(heard.map(({ round }) => round), [abortRound, "reveal"]);
  assert.deepEqual(faults, []);
  await stop();
});

/** What a wire sends from now on; `reading` resolves with the end of its stream. */
async function sentBy(made: Awaited<ReturnType<typeof stage>>) {
  const sent: { part: string; bytes: Uint8Array }[] = [];
  const reading = piecesFrom(made, sent);
  await made.clock.pass(10);
  return { sent, reading };
}

Deno.test("openWire() sends a long message in pieces, each in a frame, and waits while the stream is full", async () => {
  const made = await stage();
  const { wire, alice, bob, clock, carried, stop } = made;
  wire.send(bob.peer, "correct", filled(longest - 1_000), "one");
  await clock.pass(10);
  const bytes = carried.reduce((sum, { length }) => sum + length, 0);
  assert.ok(bytes > streamWindow && bytes < streamWindow + 2 * maxPiece, `${bytes} bytes`);
  const { sent, reading } = await sentBy(made);
  assert.equal(sent.length, Math.ceil(longest / maxPiece));
  const joined = new JoinedPieces(longest);
  const message = sent.map((one) => joined.add(one as Parameters<typeof joined.add>[0])).at(-1)!;
  const { from, to, body } = decodeEnvelope(message!);
  assert.deepEqual([from, to, body.length], [alice.peer, bob.peer, longest - 1_000]);
  await Promise.all([made.theirs.end(), wire.finish()]);
  await clock.pass(10);
  await reading;
  await stop();
});

Deno.test("openWire() sends an abort between the pieces of a longer message, and keeps the order of all else", async () => {
  const made = await stage();
  const { wire, bob, clock, stop } = made;
  wire.send(bob.peer, "correct", filled(10 * maxPiece), "one");
  await clock.pass(10); // the stream is full
  wire.send(bob.peer, "finish", body, "all");
  wire.send(bob.peer, abortRound, body, "all");
  const { sent, reading } = await sentBy(made);
  const parts = sent.map(({ part, bytes }) => part === "whole" ? decodeEnvelope(bytes).round : part);
  assert.equal(parts.at(-1), "finish");
  assert.equal(parts.at(-2), "last");
  const before = parts.indexOf(abortRound);
  assert.ok(before > 0 && before <= 6, parts.join(" "));
  assert.equal(parts.length, 11 + 2);
  await Promise.all([made.theirs.end(), wire.finish()]);
  await clock.pass(10);
  await reading;
  await stop();
});

Deno.test("openWire() keeps the order of messages of one piece, aborts among them", async () => {
  const made = await stage();
  const { wire, bob, stop } = made;
  const rounds = ["reveal", "deal", abortRound, "confirm"];
  for (const round of rounds) wire.send(bob.peer, round, body, "all");
  const { sent, reading } = await sentBy(made);
  assert.deepEqual(sent.map(({ bytes }) => decodeEnvelope(bytes).round), rounds);
  made.theirs.abort();
  await assert.rejects(Promise.all([reading, stop()]));
  await stop();
});

Deno.test("openWire() sends nothing more of a protocol's messages once it is cut short, long or short, but its session's own", async () => {
  const made = await stage();
  const { wire, bob, clock, stop } = made;
  for (const round of ["extend", "correct"]) wire.send(bob.peer, round, filled(10 * maxPiece), "one");
  wire.send(bob.peer, "finish", body, "all");
  wire.send(bob.peer, voteRound, body, "all");
  await clock.pass(10); // the stream is full
  wire.cutShort();
  wire.send(bob.peer, "late", body, "all");
  wire.send(bob.peer, abortRound, body, "all");
  const { sent, reading } = await sentBy(made);
  wire.send(bob.peer, "later", body, "all");
  wire.send(bob.peer, cancelRound, body, "all");
  await clock.pass(10);
  const parts = sent.map(({ part, bytes }) => part === "whole" ? decodeEnvelope(bytes).round : part);
  const begun = parts.filter((part) => part === "more").length;
  assert.ok(begun > 0 && begun <= 6, parts.join(" "));
  assert.deepEqual(parts.filter((part) => part !== "more"), [voteRound, abortRound, cancelRound]);
  await Promise.all([made.theirs.end(), wire.finish()]);
  await clock.pass(10);
  await reading;
  await stop();
});
