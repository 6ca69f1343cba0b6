/**
 * ECDSA for whoever holds shares: DKLs23, with keys dealt by their holders and the set-up of every pair.
 * @module
 */
import type { PairState } from "../crypto/dkls/pair.ts";
import { drawEcdsaKey } from "../protocol/setup_ecdsa.ts";
import { dealingEcdsa } from "../protocol/setup_ecdsa_messages.ts";
import { drawEcdsaSignatures } from "../protocol/sign_ecdsa.ts";
import { signingEcdsa } from "../protocol/sign_ecdsa_messages.ts";
import { drawnFor } from "./run/drawn_for.ts";
import { ecdsaStored } from "./stored/ecdsa_stored.ts";
import { paced, reporting } from "./run/paced.ts";
import { proven } from "./run/proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";
import type { PairCodec } from "./stored/stored_scheme.ts";

/** ECDSA, with secrets. */
export const ecdsaSecret: SecretScheme<PairState> & { pairs: PairCodec<PairState> } = {
  ...ecdsaStored,
  drawKey(task) {
    const drawn = drawEcdsaKey(task);
    return drawnFor(drawn, async (effects, agreed) => {
      const { open, random, diffieHellman } = effects;
      const net = open(dealingEcdsa[task.dealing.act]);
      return await proven(net, drawn.run(net, { ...agreed, random, diffieHellman, pause: paced(effects) }));
    });
  },
  drawSignatures({ items, ...task }) {
    const wanted = items.map(({ path, payload: digest }) => ({ path, digest }));
    const drawn = drawEcdsaSignatures({ ...task, items: wanted });
    return drawnFor(drawn, async (effects, agreed) => {
      const { open, random, ban, pause } = effects;
      const net = open(signingEcdsa(items.length));
      const progress = reporting(effects, items.length * (task.party.length - 1));
      // Nothing to show for a failure: only this holder's secrets can tell.
      const signed = await drawn.run(net, { ...agreed, random, ban, pause, progress });
      return signed.map(({ compact }) => compact);
    });
  },
};
