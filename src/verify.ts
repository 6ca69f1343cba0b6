/**
 * Verifying, for who has a key and a signature and no node.
 * @module
 */
import type { Signature } from "./cluster/initiator.ts";
import type { GroupKey } from "./cluster/keys.ts";
import { verifySignature } from "./crypto/verify.ts";

/** Whether `signature` is one over `message` under `key`, by the strict rules. Never throws. */
export function verify(
  key: Pick<GroupKey, "curve" | "publicKey">,
  message: Uint8Array,
  signature: Signature,
): boolean {
  return signature.curve === key.curve && verifySignature(key.curve, key.publicKey, message, signature.bytes);
}
