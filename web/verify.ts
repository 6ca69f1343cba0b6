/**
 * A second opinion: the browser's own Ed25519, which shares no code with the library that signed.
 * @module
 */
import type { Curve } from "../src/events.ts";
import type { Outcome } from "./sessions.ts";

/**
 * Whether `signature` is one over `message` under `publicKey`, as WebCrypto sees it.
 *
 * @returns `unsupported` for curves that the browser does not know.
 */
export async function verifyHere(
  curve: Curve,
  { publicKey, message, signature }: Record<"publicKey" | "message" | "signature", Uint8Array>,
): Promise<NonNullable<Outcome["verified"]>> {
  if (curve !== "ed25519") return "unsupported";
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
