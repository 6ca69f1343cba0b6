/**
 * The creation of a node by a program: with this platform's clock and randomness, and its shares in a worker.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { assembleNode } from "./assemble.ts";
import { type NodeOptions, onlyOptions } from "./options.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import type { IdentitySecrets, Vault, WorkerLike } from "../ports.ts";
import type { QuorateNode } from "./api.ts";
import { isFirstRound, verifySignature } from "../schemes/schemes.ts";
import { lockableVault } from "../worker/client.ts";
import { passphrasesHere } from "../keystore/passphrases.ts";
import { workerPassphrases } from "../worker/passphrases.ts";
import { workerVault } from "../worker/client.ts";

/**
 * Starts a peer: opens its store, uses the newer of the two rosters, reconciles pending keys, connects.
 *
 * Shares are opened in a worker and stay there. A property of `given` that is no option is ignored.
 *
 * @throws {InputError} For a roster with a wrong signature, of another cluster, or without this peer; for a
 * store of another identity; for an address that cannot be listened on.
 * @throws {StoreError} If the store cannot be read. The signal's reason, if it aborts before the node runs.
 */
export async function createNode(given: NodeOptions): Promise<QuorateNode> {
  const options = onlyOptions(given);
  options.signal?.throwIfAborted();
  const { identity: { peer, secrets }, roster, startWorker } = options;
  const holds = roster.peers.some((entry) => entry.peer === peer && entry.rights.includes("holder"));
  const vault = lockableVault(secrets(), holds ? opensWorker(peer, startWorker) : noVault);
  const platform = { clock: platformClock, random: platformRandom, vault };
  // A node that holds no share may have no file for a worker.
  const passphrases = holds ? workerPassphrases(startWorker) : passphrasesHere;
  return await assembleNode({ ...options, ...platform, passphrases }).catch(async (error) => {
    await vault.close();
    throw error;
  });
}

/** A function of its own, so that its closure keeps the peer id and nothing else of its caller. */
const opensWorker =
  (peer: PeerId, spawn?: () => WorkerLike) => (secrets: Pick<IdentitySecrets, "storageKey">) =>
    workerVault(secrets, peer, spawn ? { spawn } : {});

/** The vault of a peer that never holds a share. */
export function noVault(): Vault {
  return {
    rounds: () => [],
    isFirstRound,
    draw: () => Promise.reject(new SessionError("unknown-wallet")),
    verify: verifySignature,
    close: () => Promise.resolve(),
  };
}
