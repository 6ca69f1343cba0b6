/**
 * BIP-340 for whoever holds shares: FROST, with keys dealt by their holders.
 * @module
 */
import { tweakedShare } from "../crypto/bip340/key_tweak.ts";
import { hasEvenY } from "../crypto/bip340/signature.ts";
import { evenKey, tweakedFrostKey } from "../crypto/bip340/signing_key.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { InputError } from "../errors.ts";
import { type DealtKey, drawKey } from "../protocol/deal.ts";
import { dealingSuites } from "../protocol/deal_messages.ts";
import { tweakedFor } from "./bip340.ts";
import { drawnFor } from "./run/drawn_for.ts";
import { drawFrost } from "./frost_secret.ts";
import { bip340Stored } from "./stored/bip340_stored.ts";
import { proven } from "./run/proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";

/**
 * A generated key with an even y. One that is dealt anew has an even y already, and so a leaving dealer, which has
 * no share, has nothing to change.
 */
function withEvenKey(made: DealtKey): DealtKey {
  const { share } = made;
  return share === null ? made : evenKey({ ...made, share });
}

/** BIP-340, with secrets. */
export const bip340Secret: SecretScheme = {
  ...bip340Stored,
  /** @throws {InputError} Also if the key that is dealt anew has an odd y: with a turned one no old share would fit. */
  drawKey(task) {
    const { constantTerm } = task.dealing;
    if (constantTerm.is === "weighted-share" && !hasEvenY(constantTerm.of.publicKey)) {
      throw new InputError("key", "expected a public key with an even y, found an odd one");
    }
    const suite = dealingSuites[task.dealing.act].bip340;
    const drawn = drawKey({ ...task, suite });
    return drawnFor(drawn, async ({ open, random }, agreed) => {
      const net = open(suite.rounds);
      const made = await proven(net, drawn.run(net, { ...agreed, random }));
      return { ...withEvenKey(made), pairs: new Map() };
    });
  },
  drawSignatures: (task) =>
    drawFrost(frostBip340, task, (use) => {
      const tweaked = tweakedFor(task.key, use);
      return { key: tweakedFrostKey(task.key, tweaked), share: tweakedShare(task.share, tweaked) };
    }),
};
