/** What a peer can do to a node that speaks libp2p itself and not through our code. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { WebSocket as Client } from "ws";
import { joinMs } from "../../src/limits.ts";
import type { Channel, Network } from "../../src/ports.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { type RawNode, rawNode } from "./raw_node.ts";
import { settle, sleep, type TestHost, testHosts, until } from "./host.ts";

interface Scene {
  host: TestHost;
  node: Network;
  raw: RawNode;
  peer: string;
  dial: () => Promise<Connection>;
}

function test(sentence: string, guest: "member" | "stranger", run: (scene: Scene) => Promise<void>): void {
  Deno.test(sentence, async () => {
    const [host, other] = testHosts(2) as [TestHost, TestHost];
    if (guest === "stranger") host.admitted.clear();
    host.room = 1;
    const node = await webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] }).start(host);
    const raw = await rawNode(2);
    const dial = () => raw.dial(multiaddr(node.addresses()[0]!), { force: true });
    try {
      await run({ host, node, raw, peer: other.peer, dial });
    } finally {
      await Promise.all([node.stop(), raw.stop()]);
      await settle();
    }
  });
}

/** The channel that `node` gets when `connection` opens a stream and sends `bytes` over it. */
async function rawStream(node: Network, connection: Connection, bytes: number[]) {
  const arrived = Promise.withResolvers<Channel>();
  const protocol = `/raw/${bytes.length}`;
  node.handle(protocol, arrived.resolve);
  const stream = await connection.newStream(protocol);
  stream.send(new Uint8Array(bytes));
  return { stream, channel: await arrived.promise };
}

test(
  "receive() rejects a length of 2^31 and leaves the peer's other streams alone",
  "member",
  async (scene) => {
    const connection = await scene.dial();
    const before = Deno.memoryUsage();
    const { channel } = await rawStream(scene.node, connection, [0x80, 0x80, 0x80, 0x80, 0x08]);
    const good = await rawStream(scene.node, connection, [2, 7, 7]);
    await rejects(channel.receive(), { reason: "oversized" });
    await rejects(channel.receive(), { reason: "oversized" });
    await rejects(channel.send(new Uint8Array(1)), { reason: "oversized" });
    deepEqual(await good.channel.receive(), new Uint8Array([7, 7]));
    equal(scene.host.count("oversized-frame", scene.peer), 1);
    ok(Deno.memoryUsage().external - before.external < 8e6);
  },
);

test(
  "receive() tells a stream that ends inside a frame from one that ends between two",
  "member",
  async (scene) => {
    const connection = await scene.dial();
    const inside = await rawStream(scene.node, connection, [1, 9, 3, 1]);
    await inside.stream.close();
    deepEqual(await inside.channel.receive(), new Uint8Array([9]));
    await rejects(inside.channel.receive(), { reason: "left" });
    const between = await rawStream(scene.node, connection, [1, 9, 1, 8, 1]);
    between.stream.send(new Uint8Array([7]));
    await between.stream.close();
    await sleep(50);
    for (const byte of [9, 8, 7]) deepEqual(await between.channel.receive(), new Uint8Array([byte]));
    equal(await between.channel.receive(), null);
  },
);

test("receive() gives what came before a reset, then left", "member", async (scene) => {
  const connection = await scene.dial();
  const { stream, channel } = await rawStream(scene.node, connection, [1, 9, 3]);
  await sleep(50);
  stream.abort(new Error("reset"));
  await sleep(50);
  deepEqual(await channel.receive(), new Uint8Array([9]));
  await rejects(channel.receive(), { reason: "left" });
});

test(
  "a peer that sends without end to a handler that does not read fills a bounded buffer",
  "member",
  async (scene) => {
    const connection = await scene.dial();
    const { stream, channel } = await rawStream(scene.node, connection, [1]);
    const before = Deno.memoryUsage();
    stream.send(new Uint8Array(8e6).fill(1)); // frames of one byte each
    await sleep(500);
    equal(stream.status, "open");
    ok(stream.writeBufferLength > 7e6, `${stream.writeBufferLength} bytes wait at the sender`);
    ok(Deno.memoryUsage().rss - before.rss < 100e6);
    for (let n = 0; n < 1_000; n++) equal((await channel.receive())!.length, 1);
    channel.abort();
  },
);

test("1,000 streams of a stranger are counted, and break nothing", "stranger", async (scene) => {
  let reached = 0;
  scene.node.handle("/inner/1", () => void reached++);
  scene.node.handle("/join/1", (channel) => void channel.send(new Uint8Array([1])), { strangers: true });
  const connection = await scene.dial();
  await until("the host's notice", () => scene.host.peers.length === 1); // sooner, ten streams are too many for libp2p
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 50 }, async () => {
      const stream = await connection.newStream("/inner/1", { maxOutboundStreams: 1_000 }).catch(() => null);
      if (stream?.status === "open") stream.send(crypto.getRandomValues(new Uint8Array(1_000)));
    }));
  }
  await until("the count", () => scene.host.count("unauthentic-frame", scene.peer) >= 1_000);
  equal(scene.host.count("unauthentic-frame", scene.peer), 1_000);
  equal(reached, 0);
  equal((await connection.newStream("/join/1")).status, "open");
});

test("a stranger's gossip stream is counted, and its messages go nowhere", "stranger", async (scene) => {
  let heard = 0;
  scene.node.subscribe("news", { validate: () => "accept", deliver: () => void heard++ });
  const connection = await scene.dial();
  for (let n = 0; n < 5; n++) {
    const stream = await connection.newStream("/meshsub/1.2.0").catch(() => null);
    if (stream?.status === "open") stream.send(new Uint8Array([0]));
  }
  await until("the count", () => scene.host.count("unauthentic-frame", scene.peer) === 5);
  equal(heard, 0);
});

test(
  "a stranger that looks around as libp2p does is not counted, until it overdoes it",
  "stranger",
  async (scene) => {
    const connection = await scene.dial();
    await sleep(200);
    equal(scene.host.drops.length, 0);
    for (let n = 0; n < 10; n++) await scene.raw.services.ping.ping(connection.remotePeer).catch(() => {});
    ok(scene.host.count("unauthentic-frame", scene.peer) >= 6);
  },
);

test("a stranger has to go when its time is over, one that was admitted stays", "stranger", async (scene) => {
  scene.host.room = 4; // half of them for one address
  const other = await rawNode(3);
  try {
    const connection = await scene.dial();
    const begun = performance.now();
    const lasting = await other.dial(multiaddr(scene.node.addresses()[0]!));
    scene.host.admitted.add(other.peerId.toString());
    await until("the end", () => connection.status !== "open", joinMs + 2_000);
    ok(performance.now() - begun > joinMs - 500);
    await sleep(500);
    deepEqual(scene.host.peers.at(-1), `-${scene.peer}`);
    equal(lasting.status, "open");
  } finally {
    await other.stop();
  }
});

test(
  "a stranger that waits stays, and looks around uncounted, until it waits no more",
  "stranger",
  async (scene) => {
    const connection = await scene.dial();
    scene.host.waiting.add(scene.peer);
    await sleep(joinMs + 500);
    equal(connection.status, "open");
    for (let n = 0; n < 10; n++) await scene.raw.services.ping.ping(connection.remotePeer).catch(() => {});
    equal(scene.host.drops.length, 0);
    await connection.newStream("/meshsub/1.2.0").catch(() => null); // it is still a stranger
    await until("the count", () => scene.host.count("unauthentic-frame", scene.peer) === 1);
    scene.host.waiting.clear();
    await until("the end", () => connection.status !== "open", joinMs + 2_000);
  },
);

test("gossip goes on when one of two connections closes", "member", async (scene) => {
  const heard: number[] = [];
  scene.node.subscribe("news", { validate: () => "accept", deliver: ([n]) => void heard.push(n!) });
  const first = await scene.dial();
  const second = await scene.dial();
  await until("the mesh", () => scene.raw.services.pubsub.getSubscribers("news").length === 1);
  await scene.raw.services.pubsub.publish("news", new Uint8Array([1]));
  await until("the first", () => heard.includes(1));
  await first.close();
  let told = 0;
  scene.raw.services.pubsub.subscribe("news");
  scene.raw.services.pubsub.addEventListener("message", () => void told++);
  let n = 0;
  await until("gossip from the node", () => {
    void scene.node.publish("news", new Uint8Array([2, n++]));
    return told > 0;
  });
  equal(second.status, "open");
  deepEqual(scene.host.peers, [`+${scene.peer}`]);
});

test(
  "messages of topics that the node does not know reach nobody, and those it knows still come",
  "member",
  async (scene) => {
    const heard: number[] = [];
    scene.node.subscribe("news", { validate: () => "accept", deliver: ([n]) => void heard.push(n!) });
    await scene.dial();
    const { pubsub } = scene.raw.services;
    await until("the mesh", () => pubsub.getSubscribers("news").length === 1);
    for (let n = 0; n < 40; n++) pubsub.subscribe(`topic ${n}`);
    for (let n = 0; n < 40; n++) await pubsub.publish(`topic ${n}`, new Uint8Array([n]));
    await pubsub.publish("news", new Uint8Array([77]));
    await until("the news", () => heard.length > 0);
    deepEqual(heard, [77]);
  },
);

test("a socket that says nothing is closed", "member", async (scene) => {
  const [, , hostname, , port] = scene.node.addresses()[0]!.split("/");
  const socket = await Deno.connect({ hostname: hostname!, port: Number(port) });
  const begun = performance.now();
  equal(await socket.read(new Uint8Array(1)).catch(() => null), null);
  ok(performance.now() - begun < 7_000);
  socket.close();
});

test(
  "WebSocket frames that are none, or of a megabyte, end their connection only",
  "member",
  async (scene) => {
    const [, , host, , port] = scene.node.addresses()[0]!.split("/");
    for (const harm of ["large", "malformed"]) {
      const socket = new Client(`ws://${host}:${port}`);
      const closed = Promise.withResolvers<void>();
      socket.on("error", () => {});
      socket.on("close", () => closed.resolve());
      socket.on("open", () => {
        if (harm === "large") socket.send(new Uint8Array(1 << 20));
        else socket._socket.write(new Uint8Array([0xff, 0xff, 0xff, 0xff]));
      });
      await closed.promise;
    }
    equal((await scene.dial()).status, "open");
  },
);

test("disconnect() is noticed by the peer at once", "member", async (scene) => {
  const connection = await scene.dial();
  await until("the host's notice", () => scene.host.peers.length === 1);
  const begun = performance.now();
  await scene.node.disconnect(scene.peer);
  await until("the end", () => connection.status !== "open");
  ok(performance.now() - begun < 250);
});
