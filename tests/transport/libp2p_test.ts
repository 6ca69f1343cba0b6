import { webSockets } from "../../src/transport/websocket.deno.ts";
import { networkConformance } from "./conformance.ts";
import { settle } from "./host.ts";

const listen = ["/ip4/127.0.0.1/tcp/0/ws"];

networkConformance(
  "libp2p",
  (hosts) => Promise.all(hosts.map((host) => webSockets({ listen }).start(host))),
  {
    settle,
  },
);
