/**
 * FROST signatures for whoever holds shares, the same for every scheme that FROST makes signatures of.
 * @module
 */
import { drawFrostSignatures, type FrostItem } from "../protocol/sign_frost.ts";
import { signingFrost } from "../protocol/sign_frost_messages.ts";
import type { FrostSuite } from "../crypto/frost.ts";
import { ofEachUse } from "./key_use.ts";
import { drawnFor } from "./run/drawn_for.ts";
import { paced } from "./run/paced.ts";
import { proven } from "./run/proven.ts";
import type { KeyUse } from "./scheme.ts";
import type { SecretScheme, Signing } from "./secret_scheme.ts";

/**
 * Draws the nonces of all items.
 *
 * @param signerOf The key and the share that sign for a use. The shares are wiped here.
 */
export function drawFrost(
  suite: FrostSuite,
  { key: { members }, items: wanted, attempt, self, party, random }: Signing,
  signerOf: (use: KeyUse) => Omit<FrostItem, "message">,
): ReturnType<SecretScheme["drawSignatures"]> {
  const items: FrostItem[] = [];
  const signerFor = ofEachUse(signerOf);
  try {
    for (const { payload: message, ...use } of wanted) items.push({ ...signerFor(use), message });
    const drawn = drawFrostSignatures({ suite, attempt, self, party, members, items, random });
    return drawnFor(drawn, async (effects, agreed) => {
      const net = effects.open(signingFrost(suite, items.length).rounds);
      const pause = paced(effects, items.length * (party.length - 1));
      return await proven(net, drawn.run(net, { ...agreed, pause }));
    });
  } finally {
    for (const { share } of items) share.fill(0);
  }
}
