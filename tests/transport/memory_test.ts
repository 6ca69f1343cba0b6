import { platformClock } from "../../src/platform/platform.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { networkConformance } from "./conformance.ts";

networkConformance("memory", (hosts) => {
  const network = memoryNetwork({ clock: platformClock });
  return Promise.all(hosts.map((host) => network.transport().start(host)));
});
