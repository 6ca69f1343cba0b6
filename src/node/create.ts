/**
 * A peer as a program starts it: with this platform's clock and randomness, and its shares in a worker.
 * @module
 */
import { verifySignature } from "../crypto/verify.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { assembleNode } from "./assemble.ts";
import { type NodeOptions, onlyOptions } from "./options.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import type { IdentitySecrets, Vault } from "../ports.ts";
import type { QuorateNode } from "./api.ts";
import { lockableVault } from "../worker/lockable.ts";
import { passphrasesHere } from "../keystore/passphrases.ts";
import { workerPassphrases } from "../worker/passphrases_client.ts";
import { workerVault } from "../worker/client.ts";

/**
 * Starts a peer: opens its store, takes the newer of the two rosters, reconciles what was pending, connects.
 *
 * Shares are opened in a worker, and stay there. A key of `given` that is no option is ignored.
 *
 * @throws {InputError} For a roster with a wrong signature, of another cluster, or without this peer; for a store of another identity; for an address that cannot be listened on.
 * @throws {StoreError} If the store cannot be read.
 */
export function createNode(given: NodeOptions): Promise<QuorateNode> {
  const options = onlyOptions(given);
  const { identity: { peer, secrets }, roster, startWorker } = options;
  const holds = roster.peers.some((entry) => entry.peer === peer && entry.rights.includes("holder"));
  const vault = lockableVault(secrets(), holds ? opensWorker(peer, startWorker) : noVault);
  const platform = { clock: platformClock, random: platformRandom, vault };
  // Who holds nothing may have no worker's file.
  const passphrases = holds ? workerPassphrases(startWorker) : passphrasesHere;
  return assembleNode({ ...options, ...platform, passphrases }).catch(async (error) => {
    await vault.close();
    throw error;
  });
}

/** Apart, so that what it keeps is the name of the peer and nothing else of its caller. */
const opensWorker = (peer: PeerId, spawn?: () => Worker) => (secrets: Pick<IdentitySecrets, "storageKey">) =>
  workerVault(secrets, peer, spawn ? { spawn } : {});

/** Where a peer keeps shares that is never given any. */
export function noVault(): Vault {
  return {
    rounds: () => [],
    run: () => Promise.reject(new SessionError("unknown-wallet")),
    verify: ({ curve, publicKey }, message, signature) =>
      verifySignature(curve, publicKey, message, signature),
    close: () => Promise.resolve(),
  };
}
