/**
 * Ed25519's shares on a disk.
 * @module
 */
import { groups } from "../../crypto/group.ts";
import type { StoredScheme } from "./stored_scheme.ts";
import { verifyingShareIn } from "./verifying_share.ts";

/** Ed25519, at rest. */
export const ed25519Stored: StoredScheme = {
  verifyingShareOf: (share) => verifyingShareIn(groups.ed25519, share),
  pairs: null,
};
