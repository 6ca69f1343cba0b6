/**
 * ECDSA's shares and pairs on a disk.
 * @module
 */
import { decodePair, encodePair, type PairState } from "../../crypto/dkls/pair.ts";
import { groups } from "../../crypto/group.ts";
import type { PairCodec, StoredScheme } from "./stored_scheme.ts";
import { verifyingShareIn } from "./verifying_share.ts";

/** ECDSA, at rest. */
export const ecdsaStored: StoredScheme<PairState> & { pairs: PairCodec<PairState> } = {
  verifyingShareOf: (share) => verifyingShareIn(groups.secp256k1, share),
  pairs: { encode: encodePair, decode: decodePair },
};
