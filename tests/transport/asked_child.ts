/**
 * A listener for WebRTC-direct that stops, in a process of its own, while somebody goes on asking for a connection.
 *
 *     asked_child.ts TIMES     listens, says where, is asked, stops, and is asked on; so many times
 * @module
 */
import { createSocket } from "node:dgram";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { webrtc } from "../../src/webrtc.ts";
import { testHosts } from "./host.ts";

/** A binding request (RFC 8489) of “hurt:want”, which no connection here knows, with an integrity that nobody looks at. */
const request = Uint8Array.fromHex(
  "000100282112a442" + "00112233445566778899aabb" + "00060009687572743a77616e74000000" + "00080014" +
    "00".repeat(20),
);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (let n = 0; n < Number(Deno.args[0]); n++) {
  const [host] = testHosts(1);
  const network = await webSockets({ listen: ["/ip4/127.0.0.1/udp/0/webrtc-direct"], webrtc: webrtc() })
    .start(
      host!,
    );
  const port = Number(network.addresses()[0]!.match(/udp\/(\d+)/)![1]);
  const socket = createSocket("udp4");
  const asking = setInterval(() => socket.send(request, port, "127.0.0.1"), 2);
  await sleep(100);
  await network.stop();
  await sleep(200);
  clearInterval(asking);
  socket.close();
  console.log("asked, stopped and asked");
}
