/**
 * BIP-340 for whoever holds shares: FROST, after a key generation without a dealer.
 * @module
 */
import { tweakedShare } from "../crypto/bip340/key_tweak.ts";
import { evenKey, tweakedFrostKey } from "../crypto/bip340/signing_key.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { generate } from "../protocol/generate.ts";
import { generating } from "../protocol/generate_messages.ts";
import { signFrost, signingFrost } from "../protocol/sign_frost.ts";
import { tweakedFor } from "./bip340.ts";
import { bip340Stored } from "./stored/bip340_stored.ts";
import { proven } from "./proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";

/** BIP-340, with secrets. */
export const bip340Secret: SecretScheme = {
  ...bip340Stored,
  async generate({ open, random }, task) {
    const suite = generating.bip340;
    const net = open(suite.rounds);
    const made = await proven(net, generate(net, { ...task, suite, random }));
    return { ...evenKey(made), pairs: new Map() };
  },
  async sign({ open, random }, { key, share, path, options, payload }) {
    const tweaked = tweakedFor(key, { path, options });
    const signing = {
      suite: frostBip340,
      key: tweakedFrostKey(key, tweaked),
      share: tweakedShare(share, tweaked),
      message: payload,
      random,
    };
    try {
      const net = open(signingFrost.bip340);
      return await proven(net, signFrost(net, signing));
    } finally {
      signing.share.fill(0);
    }
  },
};
