/** The opening of libp2p streams: nothing waits for the peer, and its refusal is heard later. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Connection, Stream } from "@libp2p/interface";
import { streamPair } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import type { ChannelError } from "../../src/errors.ts";
import { streamWindow } from "../../src/limits.ts";
import type { Channel, Network } from "../../src/ports.ts";
import { agreement, openStream, proposal } from "../../src/transport/libp2p/opening.ts";
import { channelOver } from "../../src/transport/libp2p/streams.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { heldRelay } from "./held_relay.ts";
import { settle, sleep, type TestHost, testHosts, until } from "./host.ts";
import { rawNode } from "./raw_node.ts";

const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
const never = new AbortController().signal;
const protocol = "/test/1";
const bytes = (said: string) => new TextEncoder().encode(said);
const reason = (expected: ChannelError["reason"]) => ({ name: "ChannelError", reason: expected });

/** Starts nodes, the first of which listens and relays. */
async function withNodes(count: number, run: (hosts: TestHost[], networks: Network[]) => Promise<void>) {
  const hosts = testHosts(count);
  const networks = await Promise.all(
    hosts.map((host, n) => webSockets(n === 0 ? { listen, relay: true } : { listen: [] }).start(host)),
  );
  try {
    await run(hosts, networks);
  } finally {
    await Promise.all(networks.map((network) => network.stop()));
    await settle();
  }
}

const portOf = (network: Network) => Number(/tcp\/(\d+)/.exec(network.addresses()[0]!)![1]);

/** The first frame of a stream to `to`, which `from` sends while it hears nothing. */
async function firstFrame(from: Network, to: Network, relay: { hold(): void; release(): void }) {
  const arrived = Promise.withResolvers<Uint8Array | null>();
  const answer = async (channel: Channel) => {
    arrived.resolve(await channel.receive());
    await channel.send(bytes("answer"));
    await channel.end();
  };
  to.handle(protocol, (channel) => void answer(channel).catch(() => {})); // it broke: the test has failed
  relay.hold();
  let frame: Uint8Array | null | undefined;
  void arrived.promise.then((first) => frame = first);
  let channel: Channel | undefined;
  const sent = from.open(to.self, protocol, {}).then(async (opened) => {
    channel = opened;
    await opened.send(bytes("first"));
  });
  try {
    await until("the first frame, though nothing comes back", () => frame !== undefined).catch(() => {});
    deepEqual(frame, bytes("first"), "it has come before anything came back");
    await sent;
  } finally {
    relay.release();
    await sent;
  }
  deepEqual(await channel!.receive(), bytes("answer"));
  equal(await channel!.receive(), null);
  await channel!.end();
}

Deno.test("open() and the first send() wait for nothing that the peer sends", async () => {
  await withNodes(2, async ([host], [there, here]) => {
    await using relay = await heldRelay(portOf(there!));
    await here!.connect(host!.peer, [`/ip4/127.0.0.1/tcp/${relay.port}/ws`], never);
    await firstFrame(here!, there!, relay);
    await here!.disconnect(host!.peer);
  });
});

Deno.test("open() and the first send() wait for nothing on a connection over a relay either", async () => {
  await withNodes(3, async ([host, , far], [between, here, there]) => {
    await using relay = await heldRelay(portOf(between!));
    await there!.connect(host!.peer, between!.addresses(), never);
    await until("a reservation", () => there!.reservations()[0]?.state === "reserved");
    await here!.connect(host!.peer, [`/ip4/127.0.0.1/tcp/${relay.port}/ws`], never);
    await here!.connect(far!.peer, here!.routes(far!.peer), never);
    equal(here!.carrier(far!.peer)?.relayed, true);
    await firstFrame(here!, there!, relay);
    await here!.disconnect(host!.peer);
  });
});

Deno.test("send() waits for a peer that has not agreed yet, when it has sent as much as that may keep", async () => {
  await withNodes(2, async ([host], [there, here]) => {
    await using relay = await heldRelay(portOf(there!));
    await here!.connect(host!.peer, [`/ip4/127.0.0.1/tcp/${relay.port}/ws`], never);
    const arrived = Promise.withResolvers<Channel>();
    there!.handle(protocol, arrived.resolve);
    relay.hold();
    const channel = await here!.open(host!.peer, protocol, {});
    const frames = 50;
    let sent = 0;
    const sending = (async () => {
      for (; sent < frames; sent++) await channel.send(new Uint8Array(60_000).fill(sent));
      await channel.end();
    })();
    const other = await arrived.promise;
    await sleep(300);
    ok(sent <= streamWindow / 60_000, `${sent} frames of 60 kB went to a peer that has answered nothing`);
    relay.release();
    for (let n = 0; n < frames; n++) equal((await other.receive())![59_999], n);
    equal(await other.receive(), null);
    await sending;
    await other.end();
  });
});

/** Our network and a node of libp2p's own, connected, with the latter's connection. */
async function withRaw(
  run: (ours: Network, raw: Awaited<ReturnType<typeof rawNode>>, connection: Connection) => Promise<void>,
) {
  const [host, guest] = testHosts(2);
  const ours = await webSockets({ listen }).start(host!);
  const raw = await rawNode(2);
  try {
    const connection = await raw.dial(multiaddr(ours.addresses()[0]));
    await until("the connection", () => ours.connected().includes(guest!.peer));
    await run(ours, raw, connection);
  } finally {
    await ours.stop();
    await raw.stop();
    await settle();
  }
}

const streamsOf = (connection: Connection) => connection.streams.filter((one) => one.protocol === protocol);

/** Opens streams and never writes to them: ends one, aborts one, and again. */
async function openAndLeave(open: () => Promise<Channel>): Promise<void> {
  for (let n = 0; n < 20; n++) {
    const ended = await open();
    await ended.end();
    equal(await ended.receive(), null);
    (await open()).abort();
  }
}

Deno.test("a stream that is ended or aborted before its first frame is gone, at who opened it and at its peer", async () => {
  await withRaw(async (ours, raw, connection) => {
    const end = async (channel: Channel) => {
      equal(await channel.receive().catch(() => null), null);
      await channel.end();
    };
    ours.handle(protocol, end);
    await openAndLeave(async () => {
      const { stream, negotiated } = await openStream(connection, protocol, {});
      return channelOver(stream, { peer: ours.self, maxFrame: 100, dropped: () => {}, negotiated });
    });
    await until("no stream at who opened it", () => streamsOf(connection).length === 0);

    const { protocols } = await raw.peerStore.get(connection.remotePeer);
    ok(protocols.includes(protocol));
    await raw.handle(protocol, (stream) => {
      void end(channelOver(stream, { peer: ours.self, maxFrame: 100, dropped: () => {}, negotiated: true }));
    });
    await openAndLeave(() => ours.open(raw.peerId.toString(), protocol, {}));
    await until("no stream at its peer", () => streamsOf(connection).length === 0);
  });
});

Deno.test("a stream over the peer's limit breaks as left, at its first receive()", async () => {
  await withRaw(async (ours, raw) => {
    await raw.handle(protocol, (stream) => void stream.send(bytes("\x05hello")), { maxInboundStreams: 1 });
    const open = () => ours.open(raw.peerId.toString(), protocol, {});
    const one = await open();
    deepEqual(await one.receive(), bytes("hello"));
    const other = await open();
    await rejects(other.receive(), reason("left"));
    one.abort();
  });
});

/** A channel that has just been opened, and the other end of its stream. */
async function opened(maxFrame = 100): Promise<{ channel: Channel; peer: Stream; received: number[] }> {
  const [stream, peer] = await streamPair();
  stream.protocol = protocol;
  const received: number[] = [];
  peer.addEventListener("message", ({ data }) => received.push(...data.subarray()));
  const dropped = () => {
    throw new Error("nothing is dropped");
  };
  return {
    channel: channelOver(stream, { peer: "peer", maxFrame, dropped, negotiated: false }),
    peer,
    received,
  };
}

const agreed = proposal(protocol);

Deno.test("a channel begins with the protocol's name, and its first frame follows at once", async () => {
  const { channel, received } = await opened();
  await channel.send(bytes("first"));
  const expected = "\x13/multistream/1.0.0\n\x08/test/1\n\x05first";
  await until("the frame", () => received.length >= expected.length);
  equal(new TextDecoder().decode(new Uint8Array(received)), expected);
  channel.abort();
  await settle();
});

Deno.test("a channel reads the peer's agreement however its bytes are cut, and the frames after it", async () => {
  const whole = [...agreed, ...bytes("\x05hello")];
  for (const size of [1, 7, 20, 21, whole.length]) {
    const { channel, peer } = await opened(5);
    for (let at = 0; at < whole.length; at += size) {
      peer.send(new Uint8Array(whole.slice(at, at + size)));
    }
    deepEqual(await channel.receive(), bytes("hello"));
    await peer.close();
    equal(await channel.receive(), null);
    channel.abort();
  }
  await settle();
});

Deno.test("a channel is refused by anything but the peer's agreement, in receive() and in send()", async () => {
  const [first] = agreement(protocol);
  for (
    const answer of [
      "\x03na\n",
      `\x13${first}\x03na\n`,
      "\x05hello",
      `\x13${first}\x08/test/2\n`,
      "\xff\xff\x7f",
    ]
  ) {
    const { channel, peer } = await opened();
    const receiving = channel.receive().then(String, ({ reason }) => reason);
    peer.send(Uint8Array.from(answer, (character) => character.charCodeAt(0)));
    equal(await Promise.race([receiving, sleep(1_000)]), "refused");
    await rejects(channel.receive(), reason("refused"));
    await rejects(channel.send(bytes("x")), reason("refused"));
    await until("the peer hears of it", () => peer.status !== "open");
  }
  await settle();
});

Deno.test("a peer that ends or breaks a stream before it has agreed has left", async () => {
  for (const leave of [(peer: Stream) => peer.close(), (peer: Stream) => peer.abort(new Error("gone"))]) {
    for (const before of [new Uint8Array(0), agreed.subarray(0, 25)]) {
      const { channel, peer } = await opened();
      if (before.length > 0) peer.send(before);
      await leave(peer);
      await rejects(channel.receive(), reason("left"));
      channel.abort();
    }
  }
  await settle();
});
