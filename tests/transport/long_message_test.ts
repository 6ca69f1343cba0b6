/** The longest messages of a session, in memory and over WebSocket, in both directions at once. */
import assert from "node:assert/strict";
import { maxItems, maxSessionFrame as maxFrame, maxSessionMessage } from "../../src/limits.ts";
import type { Channel, Network } from "../../src/ports.ts";
import { openWire, type SessionWire } from "../../src/session/wire.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { platformClock } from "../../src/platform/platform.ts";
import { settle, type TestHost, testHosts } from "./host.ts";

const protocol = "/session/test";
const session = new Uint8Array(32).fill(1);
const linkSecret = () => new Uint8Array(32).fill(2);
/** The body of the longest message: the rest is its envelope. */
const length = maxSessionMessage(maxItems) - 1_000;

interface Side {
  host: TestHost;
  wire: SessionWire;
  /** Resolves with the bodies of the peer's messages, as soon as there are so many. */
  heard(many: number): Promise<Uint8Array[]>;
}

function sideOf(host: TestHost, party: readonly string[]): Side {
  const bodies: Uint8Array[] = [];
  let wake = () => {};
  const wire = openWire({
    identity: host.identity,
    session,
    party,
    maxMessage: maxSessionMessage(maxItems),
    control() {},
    left: (peer) => assert.fail(`${peer} has left`),
    fault: (error) => assert.fail(error),
    warn: (code) => assert.fail(code),
  });
  wire.incoming.listen((incoming) => {
    if (incoming.type === "envelope") bodies.push(incoming.envelope.body);
    wake();
  });
  return {
    host,
    wire,
    async heard(many) {
      while (bodies.length < many) await new Promise<void>((resolve) => wake = resolve);
      return bodies;
    },
  };
}

/** A stream of each side to the other. */
async function join(sides: readonly [Side, Side], networks: readonly [Network, Network]): Promise<void> {
  const arrived = sides.map(() => Promise.withResolvers<Channel>());
  networks.forEach((network, i) => network.handle(protocol, arrived[i]!.resolve, { maxFrame }));
  const { signal } = new AbortController();
  await networks[0].connect(networks[1].self, networks[1].addresses(), signal);
  for (const i of [0, 1] as const) {
    const [peer, other] = [networks[1 - i]!.self, sides[1 - i]!];
    const channel = await networks[i].open(peer, protocol, { maxFrame });
    const ended = channel.receive().then(() => {}, () => {}); // as of session_streams.ts
    sides[i].wire.connect(peer, { channel, linkSecret: linkSecret(), ended });
    const theirs = await arrived[1 - i]!.promise;
    other.wire.listenTo(theirs.peer, { channel: theirs, linkSecret: linkSecret() });
  }
}

const kinds = {
  memory: () => {
    const network = memoryNetwork({ clock: platformClock });
    return () => network.transport();
  },
  libp2p: () => () => webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] }),
};

for (const [kind, transports] of Object.entries(kinds)) {
  Deno.test(`openWire() brings the longest message over ${kind}, in both directions at once`, async () => {
    const hosts = testHosts(2);
    const transport = transports();
    const networks = await Promise.all(hosts.map((host) => transport().start(host))) as [Network, Network];
    const party = hosts.map(({ peer }) => peer).sort();
    const sides = hosts.map((host) => sideOf(host, party)) as [Side, Side];
    await join(sides, networks);
    const bodies = sides.map((_, i) => new Uint8Array(length).fill(7 + i));
    const began = performance.now();
    for (const i of [0, 1] as const) {
      sides[i].wire.send(sides[1 - i]!.host.peer, "correct", bodies[i]!, "one");
    }
    const got = await Promise.all(sides.map(({ heard }) => heard(1)));
    if (Deno.env.has("TIMES")) console.log(kind, Math.round(performance.now() - began), "ms");
    for (const i of [0, 1]) assert.ok(Buffer.from(got[i]![0]!).equals(bodies[1 - i]!));
    await Promise.all(sides.map(({ wire }) => wire.finish()));
    await Promise.all(sides.map(({ wire }) => wire.ended()));
    await Promise.all(networks.map((network) => network.stop()));
    await settle();
  });
}
