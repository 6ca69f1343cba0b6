/**
 * Ed25519 for whoever holds shares: FROST, with keys dealt by their holders.
 * @module
 */
import { tweakShare } from "../crypto/bip32.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { groups } from "../crypto/group.ts";
import { drawKey } from "../protocol/deal.ts";
import { dealingSuites } from "../protocol/deal_messages.ts";
import { drawnFor } from "./run/drawn_for.ts";
import { drawFrost } from "./frost_secret.ts";
import { childFrostKey } from "./ed25519.ts";
import { ed25519Stored } from "./stored/ed25519_stored.ts";
import { proven } from "./run/proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";

const group = groups.ed25519;

/** Ed25519, with secrets. */
export const ed25519Secret: SecretScheme = {
  ...ed25519Stored,
  drawKey(task) {
    const suite = dealingSuites[task.dealing.act].ed25519;
    const drawn = drawKey({ ...task, suite });
    return drawnFor(drawn, async ({ open, random }, agreed) => {
      const net = open(suite.rounds);
      return { ...await proven(net, drawn.run(net, { ...agreed, random })), pairs: new Map() };
    });
  },
  drawSignatures: (task) =>
    drawFrost(frostEd25519, task, ({ path }) => {
      const { key, child } = childFrostKey(task.key, path);
      return { key, share: tweakShare(group, task.share, child) };
    }),
};
