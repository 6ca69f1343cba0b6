/**
 * The unlocking of the identity that this browser keeps: when the page is opened, and after the tab was locked.
 * @module
 */
import type { Identity } from "../../mod.ts";
import type { Opener, StoredIdentity } from "../../src/browser.ts";
import { type Problem, problemOf } from "./problem.ts";

/**
 * Opens an identity with its passphrase or passkey, and passes it on.
 *
 * @param use Whatever it throws is returned as a problem too.
 * @returns What went wrong, or null.
 */
export async function unlockIdentity(
  kept: Pick<StoredIdentity, "unlock">,
  opener: Opener,
  use: (identity: Identity) => Promise<void> | void,
): Promise<Problem | null> {
  try {
    await use(await kept.unlock(opener));
    return null;
  } catch (error) {
    return problemOf(error);
  }
}
