/**
 * The word of an operator that ends whatever keeps this node from using a key: its freeze, and the pause of its
 * resharings.
 * @module
 */
import type { SessionId } from "../../events.ts";
import type { FailedResharings } from "./epochs/failed_resharings.ts";
import type { Frozen } from "./frozen.ts";

/**
 * Lets a key sign again, and be reshared again.
 *
 * @param now Wall time, ms since 1970.
 * @returns Whether it was frozen, or its resharings were paused.
 * @throws {StoreError} If that could not be written.
 */
export async function unfreeze(
  { frozen, failedResharings }: { frozen: Frozen; failedResharings: FailedResharings },
  keyId: SessionId,
  now: number,
): Promise<boolean> {
  const [isFrozen, isPaused] = [frozen.has(keyId), failedResharings.isPaused(keyId, now)];
  if (isPaused) await failedResharings.forgive(keyId);
  if (isFrozen) await frozen.unfreeze(keyId);
  return isFrozen || isPaused;
}
