/**
 * The public half of a share.
 * @module
 */
import type { Group } from "../../crypto/group.ts";

/** share · G, encoded. @throws {Error} If the share is no scalar of the group, or 0. */
export const verifyingShareIn = (group: Group, share: Uint8Array): Uint8Array =>
  group.encodeElement(group.multiplyBase(group.decodeScalar(share)));
