/**
 * A relay and two that meet over it, in a process of their own, for tests of how it ends. Says a line for each thing done.
 *
 *     relayed_child.ts websocket|webrtc TIMES     starts, meets, stops; so many times
 * @module
 */
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { webrtc } from "../../src/webrtc.ts";
import { type TestHost, testHosts, until } from "./host.ts";

const [how, times] = Deno.args;
const never = new AbortController().signal;

for (let n = 0; n < Number(times); n++) {
  const [relay, one, two] = testHosts(3) as [TestHost, TestHost, TestHost];
  const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
  const between = await webSockets({ listen, relay: true }).start(relay);
  const [here, there] = await Promise.all(
    [one, two].map((host) =>
      webSockets({ listen: [], ...how === "webrtc" && { webrtc: webrtc() } }).start(host)
    ),
  );
  for (const network of [here!, there!]) {
    await network.connect(relay.peer, between.addresses(), never);
    await until("a reservation", () => network.reservations()[0]?.state === "reserved");
  }
  await here!.connect(two.peer, here!.routes(two.peer), never);
  console.log(`met ${here!.carrier(two.peer)!.kind}`);
  await here!.stop();
  await there!.stop();
  await between.stop();
}
console.log("stopped");
