import { deepEqual, doesNotThrow, equal } from "node:assert/strict";
import { browserTransport } from "../../src/transport/browser_transport.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { settle, testHosts, until } from "./host.ts";

const never = new AbortController().signal;

Deno.test("browserTransport() without WebRTC, as here, reaches a peer by WebSockets, and another such tab over a relay", async () => {
  equal("RTCPeerConnection" in globalThis, false);
  doesNotThrow(() => browserTransport());
  const [host, one, other] = testHosts(3);
  const relay = await webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"], relay: true }).start(host!);
  const tabs = await Promise.all([one!, other!].map((host) => browserTransport().start(host)));
  try {
    for (const network of tabs) await network.connect(host!.peer, relay.addresses(), never);
    deepEqual(tabs.map((network) => network.carrier(host!.peer)?.kind), ["websocket", "websocket"]);
    await until(
      "both reservations",
      () => tabs.every((network) => network.reservations()[0]?.state === "reserved"),
    );
    await tabs[0]!.connect(other!.peer, tabs[0]!.routes(other!.peer), never);
    equal(tabs[0]!.carrier(other!.peer)?.relayed, true);
  } finally {
    await Promise.all([relay, ...tabs].map((network) => network.stop()));
    await settle();
  }
});
