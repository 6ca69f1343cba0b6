/** The end of a wire: the last frame over a link's one stream, and streams that come too late. */
import assert from "node:assert/strict";
import { directionKey } from "../../src/crypto/x25519.ts";
import { ChannelError } from "../../src/errors.ts";
import { maxSessionMessage } from "../../src/limits.ts";
import type { Channel } from "../../src/ports.ts";
import { openWire } from "../../src/session/wire.ts";
import { askingHost } from "../../src/transport/asking_host.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { VirtualClock } from "../sim/clock.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const session = new Uint8Array(32).fill(1);
const body = new Uint8Array(8).fill(3);
const linkSecret = () => new Uint8Array(32).fill(2);

/** A wire without streams, and both ends of one stream between it and a peer. */
async function stage() {
  const clock = new VirtualClock();
  const network = memoryNetwork({ clock });
  const random = seededRandom("wire ends");
  const [alice, bob] = [await nobleIdentity(random), await nobleIdentity(random)];
  const place = (identity: typeof alice) => network.transport().start(askingHost(identity, () => true));
  const [here, there] = [await place(alice), await place(bob)];
  const arrived = Promise.withResolvers<Channel>();
  there.handle("/session", arrived.resolve);
  const { signal } = new AbortController();
  await there.connect(alice.peer, [], signal);
  const own = await clock.until(here.open(bob.peer, "/session", { signal }));
  const faults: unknown[] = [];
  const wire = openWire({
    identity: alice,
    session,
    party: [alice.peer, bob.peer].sort(),
    maxMessage: maxSessionMessage(1),
    control: () => {},
    left: () => {},
    fault: (error) => faults.push(error),
    warn: () => {},
  });
  const theirs = await clock.until(arrived.promise);
  const connect = () => {
    const secret = linkSecret();
    wire.connect(bob.peer, { channel: own, linkSecret: secret, ended: Promise.resolve() });
    return secret;
  };
  const listen = () => wire.listenTo(bob.peer, { channel: own, linkSecret: linkSecret() });
  return { clock, wire, alice, bob, theirs, connect, listen, faults };
}

for (const when of ["before", "after"] as const) {
  Deno.test(`openWire() sends its last frame over a link's one stream, if it listens ${when} its end`, async () => {
    const { clock, wire, bob, theirs, connect, listen, faults } = await stage();
    connect();
    if (when === "before") listen();
    wire.send(bob.peer, "confirm", body, "all");
    const finished = wire.finish();
    if (when === "after") listen();
    const frame = await clock.until(theirs.receive());
    assert.ok(frame !== null && frame.length > body.length, "the last frame");
    assert.equal(await clock.until(theirs.receive()), null, "then the end");
    await clock.until(finished);
    await theirs.end();
    await clock.until(wire.ended());
    assert.deepEqual(faults, []);
  });
}

Deno.test("openWire() drops a stream of its own that comes after its end, and wipes its key", async () => {
  const { clock, wire, alice, bob, theirs, connect } = await stage();
  await wire.finish();
  const wiped: string[] = [];
  const fill = Uint8Array.prototype.fill;
  Uint8Array.prototype.fill = function (value, ...rest) {
    if (value === 0 && this.length === 32) wiped.push(this.toHex());
    return fill.call(this, value, ...rest);
  };
  let secret: Uint8Array;
  try {
    secret = connect();
  } finally {
    Uint8Array.prototype.fill = fill;
  }
  assert.deepEqual(secret, new Uint8Array(32));
  assert.ok(wiped.includes(directionKey(linkSecret(), session, alice.peer, bob.peer).toHex()));
  wire.send(bob.peer, "confirm", body, "all");
  let end: unknown = "open";
  theirs.receive().then((frame) => end = frame, (error) => end = error);
  await clock.pass(1);
  assert.ok(end instanceof ChannelError, `${end}`);
});
