/** The wire is that of `@chainsafe/libp2p-noise`, whose maintainers went on in `@libp2p/noise`. */
import { deepEqual, equal } from "node:assert/strict";
import { pureJsCrypto } from "@libp2p/noise";
import { noise as olderNoise } from "@chainsafe/libp2p-noise";
import { multiaddr } from "@multiformats/multiaddr";
import type { Channel } from "../../src/ports.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { noiseCrypto } from "../../src/transport/libp2p/noise_crypto.ts";
import { settle, testHosts } from "./host.ts";
import { rawNode } from "./raw_node.ts";

Deno.test("webSockets() takes a peer that encrypts with @chainsafe/libp2p-noise, and its frames", async () => {
  const [host, other] = testHosts(2);
  const node = await webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] }).start(host!);
  const arrived = Promise.withResolvers<Channel>();
  node.handle("/older/1", arrived.resolve);
  const older = await rawNode(2, olderNoise());
  try {
    const connection = await older.dial(multiaddr(node.addresses()[0]!));
    equal(connection.remotePeer.toString(), host!.peer);
    const stream = await connection.newStream("/older/1");
    stream.send(new Uint8Array([2, 7, 7]));
    const channel = await arrived.promise;
    equal(channel.peer, other!.peer);
    deepEqual(await channel.receive(), new Uint8Array([7, 7]));
  } finally {
    await Promise.all([node.stop(), older.stop()]);
    await settle();
  }
});

Deno.test("noiseCrypto() leaves noise its own ciphers, except where the runtime lacks the one it needs", () => {
  equal(noiseCrypto(["aes-256-gcm", "chacha20-poly1305"]), undefined);
  equal(noiseCrypto(["aes-256-gcm"]), pureJsCrypto);
});
