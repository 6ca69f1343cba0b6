/**
 * The entry point for tests of programs that use `@quorate/quorate`, in Deno, Node and Bun: real nodes on a network in
 * memory, and a clock that passes hours at once.
 *
 * ```ts
 * import { testCluster, VirtualClock } from "@quorate/quorate/testing";
 *
 * const clock = new VirtualClock();
 * await using cluster = await testCluster(3, { clock });
 * const [{ node }] = cluster.peers;
 * const key = await clock.until(node.generateKey({ wallet: "ours", scheme: "ed25519", threshold: 2 }).result);
 * ```
 * @module
 */
import "./platform/polyfills.ts";
import { platformClock } from "./platform/platform.ts";
import {
  type MemoryNetwork,
  memoryNetwork as network,
  type MemoryNetworkOptions,
} from "./transport/memory/memory.ts";

export {
  type TestCluster,
  testCluster,
  type TestClusterOptions,
  type TestPeer,
} from "./testing/test_cluster.ts";
export { VirtualClock } from "./testing/virtual_clock.ts";
export type { Arrival, Carried, MemoryNetwork, MemoryNetworkOptions } from "./transport/memory/memory.ts";

/** Makes an empty network in memory; by default on the platform's clock. */
export function memoryNetwork(options: Partial<MemoryNetworkOptions> = {}): MemoryNetwork {
  return network({ clock: platformClock, ...options });
}
