/**
 * The check of a roster before a node starts with it.
 * @module
 */
import { type Roster, verifyRoster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { Identity } from "../ports.ts";

/** @throws {InputError} If this node is not in the roster, or the admin key has not signed it. */
export async function checkRoster(identity: Identity, roster: Roster): Promise<void> {
  if (!roster.peers.some(({ peer }) => peer === identity.peer)) {
    throw new InputError("roster.peers", `expected this node, ${identity.peer}, to be one of them`, {
      code: "foreign",
    });
  }
  if (!await verifyRoster(identity, roster)) {
    throw new InputError(
      "roster.signature",
      "expected the cluster's admin key to have signed it, found another signature",
    );
  }
}
