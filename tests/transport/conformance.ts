/**
 * What every Network does, whatever carries it. It knows the ports and nothing else.
 * @module
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { ChannelError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Channel, Host, Network, Verdict } from "../../src/ports.ts";
import { sleep, type TestHost, testHosts, until } from "./host.ts";

/** Starts one network for each host. They can reach each other by their addresses and are not connected. */
export type MakeCluster = (hosts: readonly Host[]) => Promise<readonly Network[]>;

interface Options {
  /** Called when all networks of a test have stopped. */
  settle?: () => Promise<void>;
}

interface Node {
  host: TestHost;
  network: Network;
}

const never = new AbortController().signal;
const text = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);
const bytes = (said: string) => new TextEncoder().encode(said);

/** Defines the tests of one kind of network. */
export function networkConformance(name: string, makeCluster: MakeCluster, { settle }: Options = {}): void {
  function test(sentence: string, hosts: () => TestHost[], run: (...nodes: Node[]) => Promise<void>): void {
    Deno.test(`${name}: ${sentence}`, async () => {
      const made = hosts();
      const networks = await makeCluster(made);
      try {
        await run(...made.map((host, n) => ({ host, network: networks[n]! })));
      } finally {
        await Promise.all(networks.map((network) => network.stop()));
        await settle?.();
      }
    });
  }
  const two = () => testHosts(2);
  /** The second is a stranger to the first, who has room for it. */
  const withStranger = () => {
    const [host, stranger] = testHosts(2) as [TestHost, TestHost];
    host.admitted.clear();
    host.room = 1;
    return [host, stranger];
  };
  const meet = (a: Node, b: Node) => a.network.connect(b.host.peer, b.network.addresses(), never);
  const known = (node: Node, peer: PeerId) =>
    until("connected", () => node.network.connected().includes(peer));

  /** One channel between two, from both ends. */
  async function channel(
    a: Node,
    b: Node,
    protocol = "/test/1",
    maxFrame?: number,
  ): Promise<[Channel, Channel]> {
    const arrived = Promise.withResolvers<Channel>();
    const limit = maxFrame === undefined ? {} : { maxFrame };
    b.network.handle(protocol, arrived.resolve, limit);
    await meet(a, b);
    const opened = await a.network.open(b.host.peer, protocol, limit);
    return [opened, await arrived.promise];
  }

  test("connect() makes both hosts hear of each other, once", two, async (a, b) => {
    await Promise.all([meet(a, b), meet(a, b)]);
    await meet(a, b);
    await known(b, a.host.peer);
    deepEqual(a.host.peers, [`+${b.host.peer}`]);
    deepEqual(b.host.peers, [`+${a.host.peer}`]);
    deepEqual(a.network.connected(), [b.host.peer]);
    equal(a.network.self, a.host.peer);
    equal(a.network.carrier("nobody"), null);
    ok(a.network.carrier(b.host.peer));
    await until("a latency", () => a.network.latency(b.host.peer) !== null);
  });

  test("disconnect() is heard by both hosts, once, and breaks channels", two, async (a, b) => {
    const [here, there] = await channel(a, b);
    const waiting = rejects(there.receive(), left);
    await a.network.disconnect(b.host.peer);
    await waiting;
    await rejects(here.receive(), left);
    await rejects(a.network.open(b.host.peer, "/test/1", {}), left);
    await until("the other's notice", () => b.host.peers.length === 2);
    deepEqual(a.host.peers, [`+${b.host.peer}`, `-${b.host.peer}`]);
    deepEqual(b.host.peers, [`+${a.host.peer}`, `-${a.host.peer}`]);
    await meet(b, a);
    equal(b.host.peers.length, 3);
  });

  test("connect() both ways at the same time is one transition each", two, async (a, b) => {
    await Promise.all([meet(a, b), meet(b, a)]);
    await sleep(100);
    deepEqual(a.host.peers, [`+${b.host.peer}`]);
    deepEqual(b.host.peers, [`+${a.host.peer}`]);
    await a.network.disconnect(b.host.peer);
    await until("both notices", () => a.host.peers.length === 2 && b.host.peers.length === 2);
    deepEqual(b.network.connected(), []);
  });

  test("connect() refuses whom the host does not admit", () => testHosts(2), async (a, b) => {
    a.host.admitted.clear();
    await rejects(meet(a, b), reason("refused"));
    deepEqual(b.host.peers, []);
  });

  test("connect() ends with its signal", two, async (a, b) => {
    await rejects(
      a.network.connect(b.host.peer, b.network.addresses(), AbortSignal.abort()),
      reason("aborted"),
    );
  });

  test("a channel carries frames both ways, in order", two, async (a, b) => {
    const [here, there] = await channel(a, b);
    equal(here.peer, b.host.peer);
    equal(there.peer, a.host.peer);
    equal(there.protocol, "/test/1");
    for (const size of [0, 1, 127, 128, 16_383, 16_384, 65_536]) {
      const frame = new Uint8Array(size).fill(size);
      await here.send(frame);
      deepEqual(await there.receive(), frame);
      await there.send(frame);
      deepEqual(await here.receive(), frame);
    }
  });

  test(
    "a channel keeps frames that come before receive(), and what was sent is not changed by reuse",
    two,
    async (a, b) => {
      const [here, there] = await channel(a, b);
      const frame = bytes("0");
      for (let n = 0; n < 10; n++) {
        frame[0] = 48 + n;
        await here.send(frame);
      }
      await here.end();
      await sleep(50);
      for (let n = 0; n < 10; n++) equal(text(await there.receive()), String(n));
      equal(await there.receive(), null);
    },
  );

  test("what is sent and ended as soon as a channel is open arrives, whole", two, async (a, b) => {
    const heard: string[] = [];
    b.network.handle("/test/1", async (channel) => {
      const frame = text(await channel.receive());
      equal(await channel.receive(), null);
      heard.push(frame!);
      await channel.end();
    });
    await meet(a, b);
    const count = 50;
    await Promise.all(Array.from({ length: count }, async (_, n) => {
      const here = await a.network.open(b.host.peer, "/test/1", {});
      await here.send(bytes(`${n}`));
      await here.end();
      equal(await here.receive(), null);
    }));
    deepEqual(heard.map(Number).sort((x, y) => x - y), Array.from({ length: count }, (_, n) => n));
  });

  test("send() waits for a peer that does not read, and all arrives when it does", two, async (a, b) => {
    const [here, there] = await channel(a, b);
    const frames = 100;
    let sent = 0;
    const sending = (async () => {
      for (let n = 0; n < frames; n++, sent++) await here.send(new Uint8Array(60_000).fill(n));
      await here.end();
    })();
    await sleep(300);
    ok(sent < frames, `${sent} frames of 60 kB went to a peer that does not read`);
    for (let n = 0; n < frames; n++) equal((await there.receive())![59_999], n);
    equal(await there.receive(), null);
    await sending;
  });

  test("send() is slowed down by a peer that reads slowly, and nothing is lost", two, async (a, b) => {
    const [here, there] = await channel(a, b);
    const frames = 150;
    const sending = (async () => {
      for (let n = 0; n < frames; n++) await here.send(new Uint8Array(60_000).fill(n));
    })();
    for (let n = 0; n < frames; n++) {
      equal((await there.receive())![0], n);
      await sleep(10);
    }
    await sending;
  });

  test("end() ends one side only", two, async (a, b) => {
    const [here, there] = await channel(a, b);
    await here.send(bytes("last"));
    await here.end();
    equal(text(await there.receive()), "last");
    equal(await there.receive(), null);
    equal(await there.receive(), null);
    await there.send(bytes("still here"));
    equal(text(await here.receive()), "still here");
    await there.end();
    equal(await here.receive(), null);
    await rejects(here.send(bytes("too late")), isChannelError);
    await here.end();
  });

  test("abort() breaks both sides, here as aborted, there as left", two, async (a, b) => {
    const [here, there] = await channel(a, b);
    const receiving = [rejects(here.receive(), reason("aborted")), rejects(there.receive(), left)];
    here.abort();
    await Promise.all(receiving);
    await rejects(here.send(bytes("x")), reason("aborted"));
    await rejects(there.send(bytes("x")), left);
    here.abort();
    await here.end();
    await there.end();
    deepEqual(a.network.connected(), [b.host.peer]);
  });

  test("abort() frees a send() that waits", two, async (a, b) => {
    const [here] = await channel(a, b);
    const sending = (async () => {
      for (;;) await here.send(new Uint8Array(60_000));
    })();
    const freed = rejects(sending, reason("aborted"));
    await sleep(100);
    here.abort();
    await freed;
  });

  test("a frame over the limit ends its channel and no other", two, async (a, b) => {
    const [other, otherThere] = await channel(a, b, "/other/1");
    const arrived = Promise.withResolvers<Channel>();
    b.network.handle("/small/1", arrived.resolve, { maxFrame: 100 });
    const here = await a.network.open(b.host.peer, "/small/1", { maxFrame: 1_000 });
    await rejects(other.send(new Uint8Array(65_537)), reason("oversized"));
    await here.send(new Uint8Array(100));
    await here.send(new Uint8Array(101));
    const there = await arrived.promise;
    equal((await there.receive())!.length, 100);
    await rejects(there.receive(), reason("oversized"));
    await rejects(there.receive(), reason("oversized"));
    await rejects(here.receive(), left);
    equal(b.host.count("oversized-frame", a.host.peer), 1);
    await other.send(bytes("untouched"));
    equal(text(await otherThere.receive()), "untouched");
  });

  test(
    "a stream that nobody serves is refused at the first receive(), and speaks() says so before",
    two,
    async (a, b) => {
      b.network.handle("/served/1", (channel) => channel.abort());
      await meet(a, b);
      equal(await a.network.speaks(b.host.peer, "/served/1"), true);
      equal(await a.network.speaks(b.host.peer, "/unserved/1"), false);
      for (const frame of [null, bytes("x"), bytes("a line\n"), new Uint8Array(60_000)]) {
        const opening = a.network.open(b.host.peer, "/unserved/1", {});
        equal(await opening.then(() => "opened", String), "opened");
        const here = await opening;
        if (frame) await here.send(frame);
        await rejects(here.receive(), reason("refused"));
        await rejects(here.receive(), reason("refused"));
        await rejects(here.send(bytes("x")), reason("refused"));
        await here.end();
        here.abort();
      }
      const ended = await a.network.open(b.host.peer, "/unserved/1", {});
      await ended.send(bytes("x"));
      await ended.end();
      await rejects(ended.receive(), reason("refused"));
      await rejects(a.network.open("nobody", "/served/1", {}), left);
      equal(await a.network.speaks("nobody", "/served/1"), false);
      await sleep(1_100); // an answer may be a second old
      b.network.handle("/unserved/1", (channel) => channel.abort());
      equal(await a.network.speaks(b.host.peer, "/unserved/1"), true);
    },
  );

  test("a stranger is let in only while there is room", () => {
    const [host, one, two] = testHosts(3) as [TestHost, TestHost, TestHost];
    host.admitted.clear();
    return [host, one, two];
  }, async (a, b, c) => {
    await rejects(meet(b, a), isChannelError);
    equal(a.host.count("unauthentic-frame", b.host.peer), 1);
    deepEqual(a.network.connected(), []);
    a.host.room = 1;
    await meet(b, a);
    await known(a, b.host.peer);
    await rejects(meet(c, a), isChannelError);
    equal(a.host.count("unauthentic-frame", c.host.peer), 1);
    a.host.admitted.add(b.host.peer); // it has joined: its place is free
    await meet(c, a);
    await known(a, c.host.peer);
  });

  test("a stranger reaches what is for strangers and nothing else", withStranger, async (a, b) => {
    let reached = 0;
    a.network.handle("/inner/1", () => void reached++);
    a.network.handle("/join/1", async (channel) => {
      const frame = await channel.receive();
      if (frame) await channel.send(frame);
    }, { strangers: true, maxFrame: 256 });
    await meet(b, a);
    const join = await b.network.open(a.host.peer, "/join/1", { maxFrame: 256 });
    await join.send(bytes("token"));
    equal(text(await join.receive()), "token");
    for (let n = 0; n < 3; n++) {
      await rejects(async () => {
        const inner = await b.network.open(a.host.peer, "/inner/1", {});
        await inner.send(bytes("let me in"));
        await inner.receive();
      }, isChannelError);
    }
    equal(reached, 0);
    equal(a.host.count("unauthentic-frame", b.host.peer), 3);
  });

  test(
    "a stranger that is admitted while connected is one of us from then on",
    withStranger,
    async (a, b) => {
      const heard: string[] = [];
      a.network.handle("/inner/1", (channel) => void channel.send(bytes("welcome")));
      a.network.subscribe("news", { validate: () => "accept", deliver: (m) => void heard.push(text(m)!) });
      b.network.subscribe("news", { validate: () => "accept", deliver: (m) => void heard.push(text(m)!) });
      await meet(b, a);
      await known(a, b.host.peer);
      a.host.admitted.add(b.host.peer);
      const inner = await b.network.open(a.host.peer, "/inner/1", {});
      equal(text(await inner.receive()), "welcome");
      let n = 0;
      await until("gossip both ways", () => {
        void b.network.publish("news", bytes(`b${n}`));
        void a.network.publish("news", bytes(`a${n++}`));
        return ["a", "b"].every((from) => heard.some((message) => message.startsWith(from)));
      });
    },
  );

  test("gossip from a stranger is not heard, nor does it hear any", withStranger, async (a, b) => {
    let heard = 0;
    const topic = { validate: () => "accept" as const, deliver: () => void heard++ };
    a.network.subscribe("news", topic);
    b.network.subscribe("news", topic);
    await meet(b, a);
    await known(a, b.host.peer);
    for (let n = 0; n < 20; n++) {
      await b.network.publish("news", bytes(`b${n}`));
      await a.network.publish("news", bytes(`a${n}`));
      await sleep(20);
    }
    equal(heard, 0);
  });

  /** A line a - b - c of networks that listen on one topic: what `c` hears has gone through `b`. */
  async function line(
    [a, b, c]: [Node, Node, Node],
    verdict: (message: string, from: PeerId) => Verdict,
  ): Promise<{ heard: Record<"a" | "b" | "c", string[]>; asked: string[] }> {
    const heard = { a: [] as string[], b: [] as string[], c: [] as string[] };
    const asked: string[] = [];
    const accept = () => "accept" as const;
    a.network.subscribe("news", { validate: accept, deliver: (m) => void heard.a.push(text(m)!) });
    b.network.subscribe("news", {
      validate(message, from) {
        asked.push(from);
        return verdict(text(message)!, from);
      },
      deliver: (m) => void heard.b.push(text(m)!),
    });
    c.network.subscribe("news", {
      validate: (_, from) => Promise.resolve<Verdict>(from === b.host.peer ? "accept" : "reject"),
      deliver: (m) => void heard.c.push(text(m)!),
    });
    await meet(a, b);
    await meet(b, c);
    let n = 0;
    await until("the line carries", () => {
      void a.network.publish("news", bytes(`hello ${n++}`));
      return heard.c.length > 0;
    });
    return { heard, asked };
  }

  test(
    "gossip is passed on if accepted, and neither ignored nor rejected messages are",
    () => testHosts(3),
    async (a, b, c) => {
      const { heard, asked } = await line(
        [a, b, c],
        (message) => message.startsWith("bad") ? "reject" : message.startsWith("odd") ? "ignore" : "accept",
      );
      for (const message of ["odd 1", "bad 1", "good 1"]) await a.network.publish("news", bytes(message));
      await until("the good one", () => heard.c.includes("good 1"));
      await sleep(100);
      for (const list of [heard.b, heard.c]) {
        deepEqual(list.filter((message) => !message.startsWith("hello")), ["good 1"]);
      }
      ok(asked.every((from) => from === a.host.peer), "`from` is the neighbour");
      deepEqual(heard.a, [], "what one publishes oneself does not come back");
      await a.network.publish("unheard", bytes("nobody listens"));
    },
  );

  test("gossip of the same content by two is delivered once", () => testHosts(3), async (a, b, c) => {
    const { heard } = await line([a, b, c], () => "accept");
    await Promise.all([
      a.network.publish("news", bytes("twice")),
      c.network.publish("news", bytes("twice")),
      a.network.publish("news", bytes("twice")),
    ]);
    await a.network.publish("news", bytes("end"));
    await until("the end", () => heard.c.includes("end"));
    await sleep(100);
    equal(heard.b.filter((message) => message === "twice").length, 1);
  });

  test("stop() is told to everyone connected, and can be called twice", two, async (a, b) => {
    const [here] = await channel(a, b);
    const waiting = rejects(here.receive(), left);
    await Promise.all([b.network.stop(), b.network.stop()]);
    await waiting;
    await until("the notice", () => a.host.peers.length === 2);
    deepEqual(a.network.connected(), []);
    await b.network.publish("news", bytes("from the dead"));
    await rejects(a.network.connect(b.host.peer, b.network.addresses(), never), isChannelError);
  });
}

function isChannelError(error: unknown): error is ChannelError {
  equal((error as Error).name, "ChannelError");
  return true;
}
function reason(expected: ChannelError["reason"]): (error: unknown) => boolean {
  return (error) => {
    equal(isChannelError(error) && error.reason, expected);
    return true;
  };
}
const left = reason("left");
