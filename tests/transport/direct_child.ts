/**
 * Two nodes that meet by WebRTC-direct, in a process of their own: Deno 2.9.6 has crashed where its test runner held
 * connections of node-datachannel. Says what they ran over, a line each time.
 *
 *     direct_child.ts PORT TIMES
 * @module
 */
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { type TestHost, testHosts } from "./host.ts";

const [port, times] = Deno.args;
const [one, two] = testHosts(2) as [TestHost, TestHost];
const listen = [`/ip4/127.0.0.1/udp/${port}/webrtc-direct`];
const here = await webSockets({ listen: [], webrtc: true }).start(one);
const there = await webSockets({ listen, webrtc: true }).start(two);
for (let n = 0; n < Number(times); n++) {
  await here.connect(two.peer, there.addresses(), AbortSignal.timeout(10_000));
  console.log(here.carrier(two.peer)!.kind);
  await here.disconnect(two.peer);
}
await Promise.all([here.stop(), there.stop()]);
Deno.exit(0);
