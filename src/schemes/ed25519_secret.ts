/**
 * Ed25519 for whoever holds shares: FROST, after a key generation without a dealer.
 * @module
 */
import { tweakShare } from "../crypto/bip32.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { groups } from "../crypto/group.ts";
import { drawKey } from "../protocol/generate.ts";
import { generating } from "../protocol/generate_messages.ts";
import { drawFrostSignature, signingFrost } from "../protocol/sign_frost.ts";
import { drawnFor } from "./drawn_for.ts";
import { childFrostKey } from "./ed25519.ts";
import { ed25519Stored } from "./stored/ed25519_stored.ts";
import { proven } from "./proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";

const group = groups.ed25519;

/** Ed25519, with secrets. */
export const ed25519Secret: SecretScheme = {
  ...ed25519Stored,
  drawKey(task) {
    const drawn = drawKey({ ...task, suite: generating.ed25519 });
    return drawnFor(drawn, async ({ open, random }, agreed) => {
      const net = open(generating.ed25519.rounds);
      return { ...await proven(net, drawn.run(net, { ...agreed, random })), pairs: new Map() };
    });
  },
  drawSignature({ key, share, path, payload, ...task }) {
    const { key: childKey, child } = childFrostKey(key, path);
    const childShare = tweakShare(group, share, child);
    try {
      const signing = { suite: frostEd25519, key: childKey, share: childShare, message: payload };
      const drawn = drawFrostSignature({ ...task, ...signing });
      return drawnFor(drawn, async ({ open }, agreed) => {
        const net = open(signingFrost.ed25519);
        return await proven(net, drawn.run(net, agreed));
      });
    } finally {
      childShare.fill(0);
    }
  },
};
