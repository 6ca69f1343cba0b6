import assert from "node:assert/strict";
import { directionKey, open as unseal, seal } from "../../src/crypto/x25519.ts";
import type { WarningCode } from "../../src/failure.ts";
import type { Envelope } from "../../src/ports.ts";
import { voteRound } from "../../src/session/control.ts";
import { decodeEnvelope, encodeEnvelope } from "../../src/session/envelope.ts";
import { body, frame, linkSecret, piece, readPiece, session, signed, stage } from "./wire_stage.ts";

Deno.test("openWire() hands in what a peer has sealed and signed for this session", async () => {
  const { bob, alice, say, heard, warned, faults, stop } = await stage();
  await say(encodeEnvelope(await signed(bob)), 0);
  await say(encodeEnvelope(await signed(bob, { to: alice.peer })), 1);
  assert.deepEqual(heard.map(({ from, to }) => [from, to]), [[bob.peer, "*"], [bob.peer, alice.peer]]);
  assert.deepEqual([warned, faults], [[], []]);
  await stop();
});

Deno.test("openWire() drops and counts what is not authentically of this session, and goes on", async () => {
  const { bob, carol, say, heard, warned, faults, stop } = await stage();
  const good = await signed(bob);
  const wrong: [WarningCode, Envelope][] = [
    ["unauthentic-frame", await signed(carol)],
    ["unauthentic-frame", { ...good, from: carol.peer }],
    ["unauthentic-frame", { ...good, round: "share" }],
    ["unauthentic-frame", { ...good, body: body.with(0, 9) }],
    ["unauthentic-frame", { ...good, signature: new Uint8Array(64) }],
    ["unknown-session", await signed(bob, { session: session.with(0, 9) })],
    ["foreign-frame", await signed(bob, { to: carol.peer })],
    ["foreign-frame", await signed(bob, { to: bob.peer })],
  ];
  let counter = 0;
  for (const [code, envelope] of wrong) {
    await say(encodeEnvelope(envelope), counter++);
    assert.equal(warned.at(-1), code);
  }
  assert.equal(warned.length, wrong.length);
  await say(encodeEnvelope(good), counter);
  assert.deepEqual([heard.length, faults], [1, []]);
  await stop();
});

Deno.test("openWire() drops a frame that comes twice, and goes on", async () => {
  const { bob, say, heard, warned, faults, stop } = await stage();
  const encoded = encodeEnvelope(await signed(bob));
  await say(encoded, 0);
  await say(encoded, 0);
  await say(encodeEnvelope(await signed(bob, { round: "share" })), 1);
  assert.deepEqual([heard.length, warned, faults], [2, ["replayed-frame"], []]);
  await stop();
});

Deno.test("openWire() takes 1,024 frames of a peer, and finds the link lost with one more", async () => {
  const { bob, say, heard, faults, stop } = await stage();
  const encoded = encodeEnvelope(await signed(bob, { round: voteRound }));
  for (let counter = 0; counter < 1024; counter++) await say(encoded, counter);
  assert.deepEqual([heard.length, faults], [1024, []]);
  await say(encoded, 1024);
  assert.deepEqual([heard.length, faults.map(({ code }) => code)], [1024, ["link-lost"]]);
  await stop();
});

for (
  const [what, spoil] of [
    ["is changed on its way", (bytes: Uint8Array) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)],
    ["is no frame", () => new TextEncoder().encode("hello")],
    ["is empty", () => new Uint8Array()],
  ] as const
) {
  Deno.test(`openWire() finds the link lost, and blames nobody, when a frame ${what}`, async () => {
    const { bob, key, theirs, clock, heard, faults, stop } = await stage();
    const plain = piece("whole", encodeEnvelope(await signed(bob)));
    const good = frame.encode({ counter: 0, sealed: seal(key, 0, session, plain) });
    await theirs.send(spoil(good));
    await clock.pass(1);
    assert.deepEqual(heard, []);
    assert.deepEqual(faults.map(({ code, missing, culprits }) => ({ code, missing, culprits })), [
      { code: "link-lost", missing: [bob.peer], culprits: [] },
    ]);
    await stop();
  });
}

Deno.test("openWire() finds the link lost when a frame is sealed for another session, direction, or number", async () => {
  for (const change of ["session", "direction", "number", "too high"] as const) {
    const { alice, bob, key, theirs, clock, heard, faults, stop } = await stage();
    const plain = piece("whole", encodeEnvelope(await signed(bob)));
    const sealed = {
      session: () =>
        seal(directionKey(linkSecret, session.with(0, 9), bob.peer, alice.peer), 0, session, plain),
      direction: () => seal(directionKey(linkSecret, session, alice.peer, bob.peer), 0, session, plain),
      number: () => seal(key, 1, session, plain),
      "too high": () => seal(key, 5000, session, plain),
    }[change]();
    await theirs.send(frame.encode({ counter: change === "too high" ? 5000 : 0, sealed }));
    await clock.pass(1);
    assert.deepEqual([heard, faults.map(({ code }) => code)], [[], ["link-lost"]], change);
    await stop();
  }
});

Deno.test("openWire() names who seals what is no envelope: nobody else has the key", async () => {
  const { bob, say, faults, stop } = await stage();
  await say(new TextEncoder().encode("hello"), 0);
  assert.deepEqual(faults.map(({ code, culprits }) => [code, culprits]), [["malformed-message", [bob.peer]]]);
  await stop();
});

Deno.test("openWire() sends to a peer from the moment it is connected, before it hears anything of it", async () => {
  const { alice, bob, wire, reached, clock, faults, stop } = await stage();
  wire.send(bob.peer, "reveal", body, "all");
  await clock.pass(1);
  const { counter, sealed } = frame.decode((await reached.receive())!);
  const plain = unseal(directionKey(linkSecret, session, alice.peer, bob.peer), counter, session, sealed);
  const { from, round, to } = decodeEnvelope(readPiece(plain!).bytes);
  assert.deepEqual([from, round, to, faults], [alice.peer, "reveal", "*", []]);
  await stop();
});

Deno.test("openWire() hears that a peer has left, and nothing after its own end", async () => {
  const { bob, say, theirs, clock, wire, heard, left, stop } = await stage();
  await wire.finish();
  await say(encodeEnvelope(await signed(bob)), 0);
  theirs.abort();
  await clock.pass(1);
  assert.deepEqual([heard, left], [[], []]);
  await stop();
  const other = await stage();
  other.theirs.abort();
  await other.clock.pass(1);
  assert.deepEqual(other.left, [other.bob.peer]);
  await other.stop();
});

Deno.test("openWire() overwrites the copies of the link's secret that it was given, and its own keys when it ends", async () => {
  for (const end of ["finish", "abort"] as const) {
    const wiped: string[] = [];
    const fill = Uint8Array.prototype.fill;
    Uint8Array.prototype.fill = function (value, ...rest) {
      if (value === 0 && this.length === 32) wiped.push(this.toHex());
      return fill.call(this, value, ...rest);
    };
    try {
      const { clock, wire, theirs, copies, alice, bob, stop } = await stage();
      for (const copy of copies) assert.deepEqual(copy, new Uint8Array(32), "at once");
      const ending = end === "finish" ? [theirs.end(), wire.finish()] : [wire.abort()];
      await clock.pass(10);
      await Promise.all([...ending, wire.ended()]);
      const [a, b] = [alice.peer, bob.peer];
      for (const [from, to] of [[a, b], [b, a]] as const) {
        const key = directionKey(linkSecret, session, from, to).toHex();
        assert.ok(wiped.includes(key), `${end}: ${from === a ? "outgoing" : "incoming"}`);
      }
      await stop();
    } finally {
      Uint8Array.prototype.fill = fill;
    }
  }
});
