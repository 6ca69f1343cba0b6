/**
 * The worker's own file: a vault, or a lock of files, with this thread's clock and randomness, no window and
 * no peers in reach.
 * @module
 */
import "./platform/polyfills.ts";
import { builtinModule } from "./platform/builtin.ts";
import { fastestDiffieHellman, type NativeCurves } from "./crypto/dkls/diffie_hellman.ts";
import { platformClock, platformRandom } from "./platform/platform.ts";
import { passphrasesHere } from "./keystore/passphrases.ts";
import { servePassphrases } from "./worker/passphrases_server.ts";
import { shareVault } from "./worker/vault.ts";
import { serveVault } from "./worker/server.ts";
import { ownScope } from "./platform/threads.ts";

const diffieHellman = fastestDiffieHellman(builtinModule("node:crypto") as NativeCurves | undefined);

const scope = ownScope();
serveVault(
  scope,
  (secrets, peer) =>
    shareVault({ secrets, peer, random: platformRandom, clock: platformClock, diffieHellman }),
);
servePassphrases(scope, passphrasesHere);
