/**
 * BIP-340's shares on a disk.
 * @module
 */
import { groups } from "../../crypto/group.ts";
import type { StoredScheme } from "./stored_scheme.ts";
import { verifyingShareIn } from "./verifying_share.ts";

/** BIP-340, at rest. */
export const bip340Stored: StoredScheme = {
  verifyingShareOf: (share) => verifyingShareIn(groups.secp256k1, share),
  pairs: null,
};
