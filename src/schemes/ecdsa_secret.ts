/**
 * ECDSA for whoever holds shares: DKLs23, after a key generation without a dealer and the set-up of every
 * pair.
 * @module
 */
import type { PairState } from "../crypto/dkls/pair.ts";
import { generateEcdsa } from "../protocol/setup_ecdsa.ts";
import { generatingEcdsa } from "../protocol/setup_ecdsa_messages.ts";
import { signEcdsa } from "../protocol/sign_ecdsa.ts";
import { signingEcdsa } from "../protocol/sign_ecdsa_messages.ts";
import { ecdsaStored } from "./stored/ecdsa_stored.ts";
import { proven } from "./proven.ts";
import type { SecretScheme } from "./secret_scheme.ts";
import type { PairCodec } from "./stored/stored_scheme.ts";

/** A part of a set-up is reported when this much more of it is done. */
const reportEvery = 1 / 20;

/** ECDSA, with secrets. */
export const ecdsaSecret: SecretScheme<PairState> & { pairs: PairCodec<PairState> } = {
  ...ecdsaStored,
  async generate({ open, random, diffieHellman, report, pause }, { session, threshold }) {
    const net = open(generatingEcdsa);
    let reported = 0;
    const paced = async (done: number) => {
      if (done >= reported + reportEvery || done === 1) report(reported = done);
      await pause();
    };
    return await proven(net, generateEcdsa(net, { session, threshold, random, diffieHellman, pause: paced }));
  },
  async sign({ open, random, ban, pause }, { payload: digest, ...task }) {
    const net = open(signingEcdsa);
    // Nothing to show for a failure: only this holder's secrets can tell.
    return (await signEcdsa(net, { ...task, digest, random, ban, pause })).compact;
  },
};
