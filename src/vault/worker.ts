/**
 * The worker's own file: a vault with this thread's clock and randomness, no window and no peers in reach.
 * @module
 */
import { platformClock, platformRandom } from "../platform.ts";
import { openNet } from "../session/net.ts";
import { shareVault } from "./vault.ts";
import { serveVault, type WorkerScope } from "./worker_host.ts";

serveVault(
  globalThis as unknown as WorkerScope,
  (secrets, peer) => shareVault({ secrets, peer, random: platformRandom, clock: platformClock, openNet }),
);
