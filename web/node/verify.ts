/**
 * A second opinion on what came back: that of the library that signed, run here under the key that this page knows, and
 * for Ed25519 also the browser's own, which shares no code with it. Browsers have no secp256k1.
 * @module
 */
import { childKey, verify } from "../../src/node/verify.ts";
import type { GroupKey, Signature, SignInput } from "./node_port.ts";
import type { Outcome } from "../state/sessions.ts";

type Key = Pick<GroupKey, "curve" | "publicKey" | "chainCode">;

/** What was asked, and what came. */
export interface Answered {
  input: SignInput;
  /** Of a child; empty for the key itself. */
  path: readonly number[];
  signature: Signature;
}

/**
 * Whether the signature is one over what was asked under the key that was asked, or its child.
 *
 * @returns `unsupported` where the browser does not know the curve.
 */
export async function verifyHere(
  key: Key,
  { input, path, signature }: Answered,
): Promise<NonNullable<Outcome["verified"]>> {
  const signing = path.length === 0 ? key : childKey(key, path);
  const same = signature.curve === key.curve && signing.publicKey.toHex() === signature.publicKey.toHex();
  if (!same) return "wrong";
  if (!verify(signing, input, signature)) return "wrong";
  if (key.curve === "secp256k1") return "verified";
  return input.message ? await byBrowser(signing.publicKey, input.message, signature.bytes) : "wrong";
}

async function byBrowser(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) {
  try {
    const key = await crypto.subtle.importKey("raw", own(publicKey), "Ed25519", false, ["verify"]);
    const good = await crypto.subtle.verify("Ed25519", key, own(signature), own(message));
    return good ? "verified" : "wrong";
  } catch (error) {
    // An old browser has no Ed25519; a key that does not decode is a wrong one.
    return error instanceof DOMException && error.name === "NotSupportedError" ? "unsupported" : "wrong";
  }
}

/** WebCrypto takes no view on shared memory. */
const own = (bytes: Uint8Array) => new Uint8Array(bytes);
