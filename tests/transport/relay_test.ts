/** Peers that cannot be dialled, and a relay between them. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { webSockets as libp2pWebSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import type { Channel, Network } from "../../src/ports.ts";
import { hopProtocol } from "../../src/transport/libp2p/reservations.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { settle, sleep, type TestHost, testHosts, until } from "./host.ts";

const never = new AbortController().signal;
const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
const relayed = { kind: "websocket", relayed: true, multiplexer: "/yamux/1.0.0" };

interface Node {
  host: TestHost;
  network: Network;
}

/** A relay, and peers that listen nowhere and are connected to it. */
function test(sentence: string, run: (relay: Node, ...tabs: Node[]) => Promise<void>, { relay = true } = {}) {
  Deno.test(sentence, async () => {
    const hosts = testHosts(3);
    const networks = await Promise.all(
      hosts.map((host, n) => webSockets(n === 0 ? { listen, relay } : { listen: [] }).start(host)),
    );
    const [first, ...tabs] = hosts.map((host, n) => ({ host, network: networks[n]! })) as [Node, ...Node[]];
    try {
      for (const { network } of tabs) {
        await network.connect(first.host.peer, first.network.addresses(), never);
      }
      await run(first, ...tabs);
    } finally {
      await Promise.all(networks.map((network) => network.stop()));
      await settle();
    }
  });
}

const reserved = ({ network }: Node) =>
  until("a reservation", () => network.reservations()[0]?.state === "reserved");
const meet = (a: Node, b: Node) => a.network.connect(b.host.peer, a.network.routes(b.host.peer), never);

/** A channel from `a` to `b`, from both ends. */
async function channel(a: Node, b: Node): Promise<[Channel, Channel]> {
  const arrived = Promise.withResolvers<Channel>();
  b.network.handle("/test/1", arrived.resolve);
  return [await a.network.open(b.host.peer, "/test/1", {}), await arrived.promise];
}

test("connect() reaches a peer without an address over a relay, and says so", async (relay, a, b) => {
  await reserved(b!);
  deepEqual(b!.network.addresses(), []);
  deepEqual(b!.host.relays, [`reserved ${relay.host.peer}`]);
  deepEqual(a!.network.routes(b!.host.peer), [`/p2p/${relay.host.peer}/p2p-circuit/p2p/${b!.host.peer}`]);
  await meet(a!, b!);
  await until("both", () => b!.network.connected().includes(a!.host.peer));
  deepEqual(a!.network.carrier(b!.host.peer), relayed);
  deepEqual(b!.network.carrier(a!.host.peer), relayed);
  ok(a!.host.changes.includes(b!.host.peer));
  equal(a!.network.carrier(relay.host.peer)?.relayed, false);
  const [here, there] = await channel(a!, b!);
  await here.send(new Uint8Array(60_000).fill(7));
  equal((await there.receive())!.length, 60_000);
  await there.send(new Uint8Array([9]));
  deepEqual(await here.receive(), new Uint8Array([9]));
  await until("a latency", () => a!.network.latency(b!.host.peer) !== null);
});

test("connect() over a relay that is there already asks for nothing more", async (_, a, b) => {
  await reserved(b!);
  await meet(a!, b!);
  await meet(a!, b!);
  deepEqual(a!.host.peers.filter((told) => told === `+${b!.host.peer}`).length, 1);
});

test("gossip reaches whom only a relay connects, over the relay's own", async (relay, a, b) => {
  await reserved(b!);
  await meet(a!, b!);
  const heard: number[] = [];
  for (const { network } of [relay, a!, b!]) {
    network.subscribe("news", {
      validate: () => "accept",
      deliver: ([n]) => void (network === b!.network && heard.push(n!)),
    });
  }
  let n = 0;
  await until("the news", () => {
    void a!.network.publish("news", new Uint8Array([n++]));
    return heard.length > 0;
  });
});

test(
  "a reservation that ends with its relay's connection is had again when that is back",
  async (relay, a) => {
    await reserved(a!);
    await relay.network.disconnect(a!.host.peer);
    await until("the loss", () => a!.network.reservations()[0]?.state === "retrying");
    deepEqual(a!.network.routes("anyone"), []);
    await a!.network.connect(relay.host.peer, relay.network.addresses(), never);
    await reserved(a!);
    const { peer } = relay.host;
    deepEqual(a!.host.relays, [`reserved ${peer}`, `retrying ${peer}`, `reserved ${peer}`]);
  },
);

test("a peer that is no relay is not asked, and leads to nobody", async (_, a, b) => {
  await sleep(300);
  deepEqual(a!.network.reservations(), []);
  deepEqual(a!.network.routes(b!.host.peer), []);
}, { relay: false });

test("connect() fails as left where nobody has a reservation", async (relay, a) => {
  await reserved(a!);
  const [, , , gone] = testHosts(4) as [TestHost, TestHost, TestHost, TestHost];
  a!.host.admitted.add(gone.peer);
  relay.host.admitted.add(gone.peer);
  await rejects(a!.network.connect(gone.peer, a!.network.routes(gone.peer), never), { reason: "left" });
});

test(
  "a relay serves the roster only: a stranger gets no reservation and reaches nobody",
  async (relay, a) => {
    await reserved(a!);
    relay.host.room = 1;
    a!.host.room = 1;
    const raw = await createLibp2p({
      privateKey: await generateKeyPairFromSeed("Ed25519", new Uint8Array(32).fill(99)),
      transports: [libp2pWebSockets(), circuitRelayTransport()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      services: { identify: identify() },
    });
    const stranger = raw.peerId.toString();
    try {
      const address = relay.network.addresses()[0]!;
      const connection = await raw.dial(multiaddr(address));
      const stream = await connection.newStream(hopProtocol).catch(() => null);
      if (stream) await until("the reset", () => stream.status !== "open");
      ok(relay.host.count("unauthentic-frame", stranger) > 0);
      const over = multiaddr(`${address}/p2p-circuit/p2p/${a!.host.peer}`);
      await rejects(raw.dial(over, { signal: AbortSignal.timeout(3_000) }));
      ok(!a!.host.peers.some((told) => told.includes(stranger)));
      // Even a relay that serves strangers brings none in.
      relay.host.admitted.add(stranger);
      await rejects(raw.dial(over, { signal: AbortSignal.timeout(3_000) }));
      ok(!a!.host.peers.some((told) => told.includes(stranger)));
    } finally {
      await raw.stop();
    }
  },
);

test("a relayed connection is limited: its bytes are counted, and it ends with them", async (_, a, b) => {
  await reserved(b!);
  await meet(a!, b!);
  const [here, there] = await channel(a!, b!);
  async function reading(): Promise<number> {
    let bytes = 0;
    try {
      for (;;) bytes += (await there.receive())!.length;
    } catch {
      return bytes;
    }
  }
  const read = reading();
  await rejects(async () => {
    for (let n = 0; n < 200; n++) await here.send(new Uint8Array(60_000));
  }, { reason: "left" });
  const bytes = await read;
  ok(bytes > 3e6 && bytes < 4.3e6, `${bytes} bytes came through`);
  await until("its end", () => a!.network.carrier(b!.host.peer) === null);
  await meet(a!, b!);
  deepEqual(a!.network.carrier(b!.host.peer), relayed);
});

test(
  "a direct connection takes over from a relayed one, which its relay is then relieved of",
  async (_, a, b) => {
    await reserved(b!);
    await meet(a!, b!);
    deepEqual(a!.network.carrier(b!.host.peer), relayed);
    const [here, there] = await channel(a!, b!);
    const third = await webSockets({ listen }).start(b!.host); // the same peer, and now it can be dialled
    try {
      await a!.network.connect(b!.host.peer, third.addresses(), never);
      deepEqual(a!.network.carrier(b!.host.peer), { ...relayed, relayed: false });
      await here.send(new Uint8Array([1])); // what runs over the relay goes on
      deepEqual(await there.receive(), new Uint8Array([1]));
      const direct = Promise.withResolvers<Channel>();
      third.handle("/test/1", direct.resolve);
      await a!.network.open(b!.host.peer, "/test/1", {});
      await direct.promise;
      await here.end();
      await there.end();
      await until("the relay's relief", () => b!.host.peers.includes(`-${a!.host.peer}`), 12_000);
      equal(a!.network.carrier(b!.host.peer)?.relayed, false);
    } finally {
      await third.stop();
    }
  },
);
