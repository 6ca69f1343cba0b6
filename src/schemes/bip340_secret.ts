/**
 * BIP-340 for whoever holds shares: FROST, after a key generation without a dealer.
 * @module
 */
import { tweakedShare } from "../crypto/bip340/key_tweak.ts";
import { evenKey, tweakedFrostKey } from "../crypto/bip340/signing_key.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { drawKey } from "../protocol/generate.ts";
import { generating } from "../protocol/generate_messages.ts";
import { drawFrostSignature, signingFrost } from "../protocol/sign_frost.ts";
import { tweakedFor } from "./bip340.ts";
import { drawnFor } from "./drawn_for.ts";
import { bip340Stored } from "./stored/bip340_stored.ts";
import { proven } from "./proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";

/** BIP-340, with secrets. */
export const bip340Secret: SecretScheme = {
  ...bip340Stored,
  drawKey(task) {
    const suite = generating.bip340;
    const drawn = drawKey({ ...task, suite });
    return drawnFor(drawn, async ({ open, random }, agreed) => {
      const net = open(suite.rounds);
      const made = await proven(net, drawn.run(net, { ...agreed, random }));
      return { ...evenKey(made), pairs: new Map() };
    });
  },
  drawSignature({ key, share, path, options, payload, ...task }) {
    const tweaked = tweakedFor(key, { path, options });
    const signing = {
      suite: frostBip340,
      key: tweakedFrostKey(key, tweaked),
      share: tweakedShare(share, tweaked),
      message: payload,
    };
    try {
      const drawn = drawFrostSignature({ ...task, ...signing });
      return drawnFor(drawn, async ({ open }, agreed) => {
        const net = open(signingFrost.bip340);
        return await proven(net, drawn.run(net, agreed));
      });
    } finally {
      signing.share.fill(0);
    }
  },
};
