/**
 * The worker's own file: a vault, or a lock of files, with this thread's clock and randomness, no window and no peers in reach.
 * @module
 */
import "./platform/polyfills.ts";
import {
  type DiffieHellman,
  nativeDiffieHellman,
  type NativeEcdh,
  portableDiffieHellman,
} from "./crypto/dkls/diffie_hellman.ts";
import { platformClock, platformRandom } from "./platform/platform.ts";
import { openNet } from "./session/net.ts";
import { passphrasesHere } from "./keystore/passphrases.ts";
import { servePassphrases } from "./worker/passphrases_server.ts";
import { shareVault } from "./worker/vault.ts";
import { serveVault, type WorkerScope } from "./worker/server.ts";

/** A runtime's own modules, where it has such: Deno does, a browser does not. */
interface Builtins {
  process?: {
    getBuiltinModule?(name: "node:crypto"): { createECDH(curve: "secp256k1"): NativeEcdh } | undefined;
  };
}

function fastestDiffieHellman(): DiffieHellman {
  const native = (globalThis as Builtins).process?.getBuiltinModule?.("node:crypto");
  return native ? nativeDiffieHellman((curve) => native.createECDH(curve)) : portableDiffieHellman;
}

const diffieHellman = fastestDiffieHellman();

const scope = globalThis as unknown as WorkerScope;
serveVault(
  scope,
  (secrets, peer) =>
    shareVault({ secrets, peer, random: platformRandom, clock: platformClock, openNet, diffieHellman }),
);
servePassphrases(scope, passphrasesHere);
