/**
 * Two nodes that meet by WebRTC-direct, in a process of their own: Deno 2.9.6 has crashed where its test runner held
 * connections of node-datachannel. Says what they ran over, what came back on a stream, and what became of a stream that
 * nobody serves, a line each time.
 *
 *     direct_child.ts PORT TIMES
 * @module
 */
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { webrtc } from "../../src/webrtc.ts";
import { type TestHost, testHosts } from "./host.ts";

const [port, times] = Deno.args;
const [one, two] = testHosts(2) as [TestHost, TestHost];
const listen = [`/ip4/127.0.0.1/udp/${port}/webrtc-direct`];
const here = await webSockets({ listen: [], webrtc: webrtc() }).start(one);
const there = await webSockets({ listen, webrtc: webrtc() }).start(two);
there.handle("/echo/1", async (channel) => {
  const frame = await channel.receive();
  if (frame) await channel.send(frame);
  await channel.end();
});
for (let n = 0; n < Number(times); n++) {
  await here.connect(two.peer, there.addresses(), AbortSignal.timeout(10_000));
  const served = await here.open(two.peer, "/echo/1", {});
  await served.send(new Uint8Array(60_000));
  const { length } = (await served.receive())!;
  const unserved = await here.open(two.peer, "/unserved/1", {});
  const ended = await unserved.receive().then(String, ({ reason }) => reason);
  console.log(here.carrier(two.peer)!.kind, length, ended);
  await here.disconnect(two.peer);
}
await Promise.all([here.stop(), there.stop()]);
Deno.exit(0);
