/**
 * ECDSA for whoever holds shares: DKLs23, after a key generation without a dealer and the set-up of every
 * pair.
 * @module
 */
import type { PairState } from "../crypto/dkls/pair.ts";
import { drawEcdsaKey } from "../protocol/setup_ecdsa.ts";
import { generatingEcdsa } from "../protocol/setup_ecdsa_messages.ts";
import { drawEcdsaSignature } from "../protocol/sign_ecdsa.ts";
import { signingEcdsa } from "../protocol/sign_ecdsa_messages.ts";
import { drawnFor } from "./drawn_for.ts";
import { ecdsaStored } from "./stored/ecdsa_stored.ts";
import { proven } from "./proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";
import type { PairCodec } from "./stored/stored_scheme.ts";

/** A part of a set-up is reported when this much more of it is done. */
const reportEvery = 1 / 20;

/** ECDSA, with secrets. */
export const ecdsaSecret: SecretScheme<PairState> & { pairs: PairCodec<PairState> } = {
  ...ecdsaStored,
  drawKey(task) {
    const drawn = drawEcdsaKey(task);
    return drawnFor(drawn, async ({ open, random, diffieHellman, report, pause }, agreed) => {
      const net = open(generatingEcdsa);
      let reported = 0;
      const paced = async (done: number) => {
        if (done >= reported + reportEvery || done === 1) report(reported = done);
        await pause();
      };
      return await proven(net, drawn.run(net, { ...agreed, random, diffieHellman, pause: paced }));
    });
  },
  drawSignature({ payload: digest, ...task }) {
    const drawn = drawEcdsaSignature({ ...task, digest });
    return drawnFor(drawn, async ({ open, random, ban, pause }, agreed) => {
      const net = open(signingEcdsa);
      // Nothing to show for a failure: only this holder's secrets can tell.
      return (await drawn.run(net, { ...agreed, random, ban, pause })).compact;
    });
  },
};
