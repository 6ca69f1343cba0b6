import assert from "node:assert/strict";
import { bytesUpTo, record, uint } from "../../src/crypto/codec.ts";
import { directionKey, open as unseal, seal } from "../../src/crypto/x25519.ts";
import type { SessionError } from "../../src/errors.ts";
import type { WarningCode } from "../../src/failure.ts";
import type { Channel, Envelope, Identity } from "../../src/ports.ts";
import { decodeEnvelope, encodeEnvelope, signEnvelope } from "../../src/session/envelope.ts";
import { openWire } from "../../src/session/wire.ts";
import { askingHost } from "../../src/transport/asking_host.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { VirtualClock } from "../sim/clock.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const session = new Uint8Array(32).fill(1);
const linkSecret = new Uint8Array(32).fill(2);
const body = new Uint8Array(8).fill(3);

/** One honest wire, and the other end of its stream in a test's hand. */
async function stage() {
  const clock = new VirtualClock();
  const network = memoryNetwork({ clock });
  const random = seededRandom("wire");
  const [alice, bob, carol] = await Promise.all([
    nobleIdentity(random),
    nobleIdentity(random),
    nobleIdentity(random),
  ]);
  const place = (identity: Identity) => network.transport().start(askingHost(identity, () => true));
  const [here, there] = [await place(alice), await place(bob)];
  const [arrived, reached] = [Promise.withResolvers<Channel>(), Promise.withResolvers<Channel>()];
  here.handle("/session", arrived.resolve);
  there.handle("/session", reached.resolve);
  const { signal } = new AbortController();
  await there.connect(alice.peer, [], signal);
  const theirs = await there.open(alice.peer, "/session", { signal });
  const own = await here.open(bob.peer, "/session", { signal });
  const heard: Envelope[] = [], warned: WarningCode[] = [], faults: SessionError[] = [], left: string[] = [];
  const wire = openWire({
    identity: alice,
    session,
    party: [alice.peer, bob.peer, carol.peer].sort(),
    control: (envelope) => heard.push(envelope),
    left: (peer) => left.push(peer),
    fault: (error) => faults.push(error),
    warn: (code, via) => {
      assert.equal(via, bob.peer);
      warned.push(code);
    },
  });
  wire.incoming.listen((incoming) => incoming.type === "envelope" && heard.push(incoming.envelope));
  const copies = [linkSecret.slice(), linkSecret.slice()] as const;
  wire.connect(bob.peer, { channel: own, linkSecret: copies[0], ended: Promise.resolve() });
  wire.listenTo(bob.peer, { channel: await clock.until(arrived.promise), linkSecret: copies[1] });
  const key = directionKey(linkSecret, session, bob.peer, alice.peer);
  /** Sends `plain` as a frame of this session, sealed as it should be. */
  async function say(plain: Uint8Array, counter: number): Promise<void> {
    await theirs.send(frame.encode({ counter, sealed: seal(key, counter, session, plain) }));
    await clock.pass(1);
  }
  const stop = async () => {
    wire.abort();
    await wire.ended();
    await Promise.all([here.stop(), there.stop()]);
  };
  const ends = { theirs, reached: await clock.until(reached.promise) };
  return { clock, alice, bob, carol, wire, ...ends, say, heard, warned, faults, left, key, stop, copies };
}
// The frame's shape, written out: another program's peer would have it from docs/wire.md.
const frame = {
  encode: ({ counter, sealed }: { counter: number; sealed: Uint8Array }) => {
    const encoded = shape.encode({ counter, sealed });
    // As long as the real tag, so that only these bytes differ.
    return Uint8Array.from(
      encoded.toHex().replace(testTag, realTag).match(/../g)!.map((hex) => parseInt(hex, 16)),
    );
  },
  decode: (encoded: Uint8Array) =>
    shape.decode(Uint8Array.fromHex(encoded.toHex().replace(realTag, testTag))),
};
const [testTag, realTag] = ["quorate/t/frame", "quorate/1/frame"].map((tag) =>
  new TextEncoder().encode(tag).toHex()
) as [
  string,
  string,
];
const shape = record("quorate/t/frame", { counter: uint, sealed: bytesUpTo(1 << 20) });

const signed = (by: Identity, changes: Partial<Envelope> = {}) =>
  signEnvelope(by, { session, round: "reveal", to: "*", body, ...changes });

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

for (
  const [what, spoil] of [
    ["is changed on its way", (bytes: Uint8Array) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)],
    ["is no frame", () => new TextEncoder().encode("hello")],
    ["is empty", () => new Uint8Array()],
  ] as const
) {
  Deno.test(`openWire() finds the link lost, and blames nobody, when a frame ${what}`, async () => {
    const { bob, key, theirs, clock, heard, faults, stop } = await stage();
    const plain = encodeEnvelope(await signed(bob));
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
    const plain = encodeEnvelope(await signed(bob));
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
  const { from, round, to } = decodeEnvelope(plain!);
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
