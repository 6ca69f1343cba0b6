/**
 * Recorded actions about a tab that itself refuses to use a key. Used by unit tests and by the pages of browser tests.
 * @module
 */
import type { Action } from "../../web/state/reduce.ts";
import { bob, carol, ecdsaKey, key } from "./events.ts";

const { wallet, scheme, session: keyId } = ecdsaKey;

/** The page is Carol's: she has frozen the key, paused its resharing, and quarantined her pair with Bob. */
export const refusingHere: readonly Action[] = [
  { type: "self", self: carol, rights: ["holder", "manager"] },
  { type: "quarantines", quarantines: [{ wallet, scheme, keyId, by: carol, other: bob, at: 0 }] },
  { type: "keys", keys: [key, { ...ecdsaKey, state: "frozen", paused: true, held: true }] },
  { type: "select", key: keyId },
];
