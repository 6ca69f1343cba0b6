/**
 * Ed25519 for whoever holds shares: FROST, after a key generation without a dealer.
 * @module
 */
import { tweakShare } from "../crypto/bip32.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { groups } from "../crypto/group.ts";
import { generate } from "../protocol/generate.ts";
import { generating } from "../protocol/generate_messages.ts";
import { signFrost, signingFrost } from "../protocol/sign_frost.ts";
import { childFrostKey } from "./ed25519.ts";
import { ed25519Stored } from "./stored/ed25519_stored.ts";
import { proven } from "./proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";

const group = groups.ed25519;

/** Ed25519, with secrets. */
export const ed25519Secret: SecretScheme = {
  ...ed25519Stored,
  async generate({ open, random }, task) {
    const net = open(generating.ed25519.rounds);
    const made = await proven(net, generate(net, { ...task, suite: generating.ed25519, random }));
    return { ...made, pairs: new Map() };
  },
  async sign({ open, random }, { key, share, path, payload }) {
    const { key: childKey, child } = childFrostKey(key, path);
    const childShare = tweakShare(group, share, child);
    try {
      const net = open(signingFrost.ed25519);
      return await proven(
        net,
        signFrost(net, { suite: frostEd25519, key: childKey, share: childShare, message: payload, random }),
      );
    } finally {
      childShare.fill(0);
    }
  },
};
