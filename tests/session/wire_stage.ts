/**
 * One honest wire for tests, and the other end of its stream in a test's hand.
 * @module
 */
import assert from "node:assert/strict";
import { bytesUpTo, type Codec, record, text, uint } from "../../src/crypto/codec.ts";
import { directionKey, open as unseal, seal } from "../../src/crypto/x25519.ts";
import type { SessionError } from "../../src/errors.ts";
import type { WarningCode } from "../../src/failure.ts";
import { maxSessionFrame as maxFrame, maxSessionMessage } from "../../src/limits.ts";
import type { Channel, Envelope, Identity } from "../../src/ports.ts";
import { signEnvelope } from "../../src/session/envelope.ts";
import { openWire } from "../../src/session/wire.ts";
import { askingHost } from "../../src/transport/asking_host.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { VirtualClock } from "../sim/clock.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

export const session = new Uint8Array(32).fill(1);
export const linkSecret = new Uint8Array(32).fill(2);
export const body = new Uint8Array(8).fill(3);

/** Three peers, and a stream between the first two in each direction, with all its ends. */
export async function streams() {
  const clock = new VirtualClock();
  /** The frames that alice has handed to her stream. */
  const carried: Uint8Array[] = [];
  const network = memoryNetwork({
    clock,
    carry: ({ from, bytes }) => {
      if (from === alice.peer) carried.push(bytes);
      return [{ bytes, afterMs: 0 }];
    },
  });
  const random = seededRandom("wire");
  const [alice, bob, carol] = await Promise.all([
    nobleIdentity(random),
    nobleIdentity(random),
    nobleIdentity(random),
  ]);
  const place = (identity: Identity) => network.transport().start(askingHost(identity, () => true));
  const [here, there] = [await place(alice), await place(bob)];
  const [arrived, reached] = [Promise.withResolvers<Channel>(), Promise.withResolvers<Channel>()];
  here.handle("/session", arrived.resolve, { maxFrame });
  there.handle("/session", reached.resolve, { maxFrame });
  const { signal } = new AbortController();
  await there.connect(alice.peer, [], signal);
  const theirs = await there.open(alice.peer, "/session", { maxFrame, signal });
  const own = await here.open(bob.peer, "/session", { maxFrame, signal });
  return {
    clock,
    alice,
    bob,
    carol,
    /** Alice's ends: of her stream, and of bob's. */
    own,
    arrived: await clock.until(arrived.promise),
    /** Bob's ends: of his stream, and of alice's. */
    theirs,
    reached: await clock.until(reached.promise),
    carried,
    stop: () => Promise.all([here.stop(), there.stop()]),
  };
}

/** One honest wire, and the other end of its stream in a test's hand. */
export async function stage({ maxMessage = maxSessionMessage(1), listens = true } = {}) {
  const { own, arrived, stop: stopAll, ...made } = await streams();
  const { clock, alice, bob, carol, theirs } = made;
  const heard: Envelope[] = [], warned: WarningCode[] = [], faults: SessionError[] = [], left: string[] = [];
  const wire = openWire({
    identity: alice,
    session,
    party: [alice.peer, bob.peer, carol.peer].sort(),
    maxMessage,
    control: (envelope) => heard.push(envelope),
    left: (peer) => left.push(peer),
    fault: (error) => faults.push(error),
    warn: (code, via) => {
      assert.equal(via, bob.peer);
      warned.push(code);
    },
  });
  const listen = () =>
    wire.incoming.listen((incoming) => incoming.type === "envelope" && heard.push(incoming.envelope));
  if (listens) listen();
  const copies = [linkSecret.slice(), linkSecret.slice()] as const;
  wire.connect(bob.peer, { channel: own, linkSecret: copies[0], ended: Promise.resolve() });
  wire.listenTo(bob.peer, { channel: arrived, linkSecret: copies[1] });
  const key = directionKey(linkSecret, session, bob.peer, alice.peer);
  /** Sends `plain` as a frame of this session, sealed as it should be. */
  async function frameOf(plain: Uint8Array, counter: number): Promise<void> {
    await theirs.send(frame.encode({ counter, sealed: seal(key, counter, session, plain) }));
    await clock.pass(1);
  }
  /** Sends `message` in one piece. */
  const say = (message: Uint8Array, counter: number) => frameOf(piece("whole", message), counter);
  const stop = async () => {
    wire.abort();
    await wire.ended();
    await stopAll();
  };
  return {
    ...made,
    wire,
    frameOf,
    say,
    listen,
    heard,
    warned,
    faults,
    left,
    key,
    stop,
    copies,
  };
}

/** The pieces that come over a stream of alice's until it ends, in the order of their counters. */
export async function piecesFrom(
  { alice, bob, reached }: Pick<Awaited<ReturnType<typeof streams>>, "alice" | "bob" | "reached">,
  sent: { part: string; bytes: Uint8Array }[],
): Promise<void> {
  const key = directionKey(linkSecret, session, alice.peer, bob.peer);
  for (let next = await reached.receive(); next !== null; next = await reached.receive()) {
    const { counter, sealed } = frame.decode(next);
    assert.equal(counter, sent.length);
    sent.push(readPiece(unseal(key, counter, session, sealed)!));
  }
}

// The shapes of a frame and of a piece, written out: another program's peer would have them from docs/wire.md.
export const frame = shaped(
  "quorate/2/frame",
  record("quorate/t/frame", { counter: uint, sealed: bytesUpTo(1 << 20) }),
);
const pieces = shaped(
  "quorate/1/piece",
  record("quorate/t/piece", { part: text(5), bytes: bytesUpTo(1 << 20) }),
);

/** A record under the tag that the product has for it, of the same length as the test's own. */
function shaped<T>(realTag: string, shape: Codec<T>): Codec<T> {
  const [real, own] = [realTag, realTag.replace(/\d/, "t")].map((tag) => new TextEncoder().encode(tag));
  const put = (tag: Uint8Array, bytes: Uint8Array) => {
    const out = bytes.slice();
    out.set(tag, 2); // behind the head of the list and that of the text
    return out;
  };
  return {
    encode: (value) => put(real!, shape.encode(value)),
    decode: (encoded) => shape.decode(put(own!, encoded)),
  };
}

/** A piece of a message, encoded. */
export const piece = (part: string, bytes: Uint8Array): Uint8Array => pieces.encode({ part, bytes });
/** A piece, decoded. */
export const readPiece = (encoded: Uint8Array): { part: string; bytes: Uint8Array } => pieces.decode(encoded);

export const signed = (by: Identity, changes: Partial<Envelope> = {}) =>
  signEnvelope(by, { session, round: "reveal", to: "*", body, ...changes });
