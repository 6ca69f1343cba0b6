import { deepEqual, doesNotReject, equal, throws } from "node:assert/strict";
import type { Network } from "../../src/ports.ts";
import { browserTransport } from "../../src/transport/browser_transport.ts";
import { browserWebRtc } from "../../src/transport/webrtc/browser_webrtc.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import type { WebRtc } from "../../src/transport/webrtc/webrtc.ts";
import { settle, testHosts, until } from "./host.ts";

const never = new AbortController().signal;

Deno.test("browserTransport() without WebRTC, as here, reaches a peer by WebSockets, and another such tab over a relay", async () => {
  equal("RTCPeerConnection" in globalThis, false);
  const tab = () => browserTransport({ webrtc: browserWebRtc() });
  const [host, one, other] = testHosts(3);
  const relay = await webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"], relay: true }).start(host!);
  const tabs: Network[] = [];
  await doesNotReject(async () => {
    for (const host of [one!, other!]) tabs.push(await tab().start(host));
  });
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

Deno.test("webSockets() and browserTransport() refuse a webrtc that is none", () => {
  const wrong = { webrtc: true } as unknown as { webrtc: WebRtc };
  for (const make of [() => webSockets({ listen: [], ...wrong }), () => browserTransport(wrong)]) {
    throws(make, { name: "InputError", field: "webrtc", message: /found true/ });
  }
});
