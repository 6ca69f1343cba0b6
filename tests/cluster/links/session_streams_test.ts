import assert from "node:assert/strict";
import type { Context } from "../../../src/cluster/events/event_context.ts";
import type { LinkKeys } from "../../../src/cluster/links/link_keys.ts";
import { SessionStreams } from "../../../src/cluster/links/session_streams.ts";
import { protocols } from "../../../src/cluster/records/protocols.ts";
import { SessionError } from "../../../src/errors.ts";
import type { WarningCode } from "../../../src/failure.ts";
import type { Channel, Identity, Network } from "../../../src/ports.ts";
import { openingRecord, openRecord } from "../../../src/session/control.ts";
import { sign } from "../../../src/session/signed.ts";
import { askingHost } from "../../../src/transport/asking_host.ts";
import { memoryNetwork } from "../../../src/transport/memory/memory.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const attempt = new Uint8Array(32).fill(1);
const session = new Uint8Array(32).fill(2);
const none = new Uint8Array();
/** Ends nothing. */
const endless = new AbortController().signal;

/** The streams of "here"; "there" and "carol" are peers in a test's hand. All links are up, unless `links` says. */
async function stage(links: "up" | "none" = "up") {
  const clock = new VirtualClock();
  const network = memoryNetwork({ clock });
  const random = seededRandom("streams");
  const place = async () => {
    const identity = await nobleIdentity(random);
    return { identity, network: await network.transport().start(askingHost(identity, () => true)) };
  };
  const [here, there, carol] = [await place(), await place(), await place()];
  const warned: WarningCode[] = [];
  const context = {
    clock,
    ...here,
    stopping: endless,
    eventLog: { warn: (code: WarningCode) => void warned.push(code) },
  };
  const link = () => ({ id: none, secret: new Uint8Array(32).fill(3) });
  const linkKeys = { state: () => links, current: link, secret: () => link().secret };
  const streams = new SessionStreams(context as unknown as Context, linkKeys as unknown as LinkKeys);
  for (const { network } of [there, carol]) await network.connect(here.identity.peer, [], endless);
  const [self, peer] = [here.identity.peer, there.identity.peer];
  const party = [self, peer].sort();
  const opens = {
    kind: "sign" as const,
    session,
    attempt,
    invite: none,
    coordinator: self,
    party,
    go: none,
  };
  /** A stream of this session that a peer opens. */
  async function openBy({ identity, network }: { identity: Identity; network: Network }): Promise<Channel> {
    const channel = await clock.until(network.open(self, protocols.session, {}));
    const open = await sign(identity, openRecord, {
      kind: "sign",
      attempt,
      session,
      link: new Uint8Array(32),
    });
    await channel.send(openingRecord.encode({ open: open.encoded, go: none }));
    await clock.pass(1);
    return channel;
  }
  return { clock, streams, there, carol, peer, party, opens, openBy, warned };
}

/** How a stream stands at its peer: dropped, or open. */
async function standing(clock: VirtualClock, channel: Channel): Promise<"dropped" | "open"> {
  let state: "dropped" | "open" = "open";
  channel.receive().catch(() => state = "dropped");
  await clock.pass(1);
  return state;
}

Deno.test("SessionStreams.incoming() does not wait for a stream of a peer that is gone, or goes meanwhile", async () => {
  for (const links of ["up", "none"] as const) {
    const { clock, streams, opens, party, peer, there } = await stage(links);
    const heard = Promise.withResolvers<Channel>();
    there.network.handle(protocols.session, heard.resolve);
    assert.ok(streams.begin(attempt));
    streams.accept(attempt, party, clock.now());
    let error: unknown = "it still waits";
    streams.of(opens).incoming(peer, endless).catch((thrown) => error = thrown);
    if (links === "up") {
      await streams.of(opens).outgoing(peer, endless);
      const own = await clock.until(heard.promise);
      assert.equal(error, "it still waits");
      own.abort();
    }
    await clock.pass(50);
    assert.ok(error instanceof SessionError, String(error));
    assert.deepEqual([error.code, error.missing], ["peer-left", [peer]]);
  }
});

Deno.test("SessionStreams keeps no stream before the accept, none of who is not in the party, and none after the end", async () => {
  const { clock, streams, opens, party, peer, there, carol, openBy, warned } = await stage();
  assert.equal(await standing(clock, await openBy(there)), "dropped", "nothing has begun");
  streams.begin(attempt);
  assert.equal(await standing(clock, await openBy(there)), "dropped", "it is not accepted");
  assert.deepEqual(warned, ["unknown-session", "late-message"]);
  streams.accept(attempt, party, clock.now());
  assert.equal(await standing(clock, await openBy(carol)), "dropped", "it is not hers");
  const kept = await openBy(there);
  assert.equal(await standing(clock, kept), "open");
  const { channel } = await clock.until(streams.of(opens).incoming(peer, endless));
  assert.equal(channel.peer, peer);
  streams.end(attempt);
  assert.equal(await standing(clock, await openBy(there)), "dropped", "it is over");
  assert.equal(warned.at(-1), "late-message");
});

for (const how of ["sends something", "drops it", "ends its side"] as const) {
  const left = how !== "ends its side";
  const what = left ? "gives up waiting for a peer" : "goes on waiting for a peer";
  Deno.test(`SessionStreams ${what} that ${how} on the stream of this node`, async () => {
    const { clock, streams, opens, party, peer, there, openBy } = await stage();
    const reached = Promise.withResolvers<Channel>();
    there.network.handle(protocols.session, reached.resolve);
    streams.begin(attempt);
    streams.accept(attempt, party, clock.now());
    const { incoming, outgoing } = streams.of(opens);
    let found: unknown = "it waits";
    incoming(peer, endless).then(() => found = "taken", (error) => found = error);
    const { ended } = await clock.until(outgoing(peer, endless));
    const theirs = await clock.until(reached.promise);
    assert.ok(await clock.until(theirs.receive()));
    if (how === "sends something") await theirs.send(new Uint8Array(3));
    else if (how === "drops it") theirs.abort();
    else await theirs.end();
    let isOver = false;
    void ended.then(() => isOver = true);
    await clock.pass(20);
    assert.ok(isOver);
    assert.equal(String(found), "it waits", "its own stream may still be on its way");
    if (how === "sends something") assert.equal(await standing(clock, theirs), "dropped");
    await clock.pass(10);
    if (left) {
      assert.ok(found instanceof SessionError, String(found));
      assert.deepEqual([found.code, found.missing], ["peer-left", [peer]]);
    } else {
      assert.equal(found, "it waits");
      await openBy(there);
      assert.equal(found, "taken");
    }
  });
}
