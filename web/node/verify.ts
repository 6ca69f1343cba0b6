/**
 * The page's own check of a signature: by the library, under the key that this page knows; and by the
 * browser, which shares no code with the library, where it supports the scheme.
 * @module
 */
import { verify } from "../../src/node/verify.ts";
import { signFields, signingKey } from "../../src/schemes/schemes.ts";
import { schemeTexts } from "../text/schemes.ts";
import type { GroupKey, Signature, SignInput } from "./node_port.ts";
import type { Outcome } from "../state/sessions.ts";

type Key = Pick<GroupKey, "scheme" | "publicKey" | "chainCode">;

/** A request and the signature that it returned. */
export interface Signed {
  input: SignInput;
  /** The path of the child key; empty for the key itself. */
  path: readonly number[];
  signature: Signature;
}

/**
 * Whether the signature is valid for the input, under what the input and the path make of the key.
 *
 * @returns `unsupported` if the browser does not support the scheme.
 */
export async function verifyHere(
  key: Key,
  { input, path, signature }: Signed,
): Promise<NonNullable<Outcome["verified"]>> {
  const signing = signingKeyOf(key, { input, path });
  if (signing === null) return "wrong";
  const same = signature.scheme === key.scheme && signing.publicKey.toHex() === signature.publicKey.toHex();
  if (!same) return "wrong";
  if (!verify(key, { ...input, path }, signature)) return "wrong";
  const { webCrypto } = schemeTexts[key.scheme];
  if (webCrypto === null) return "verified";
  return input.message
    ? await byBrowser(webCrypto, signing.publicKey, input.message, signature.bytes)
    : "wrong";
}

/** The key that the signature must verify under; null if the key is not a point of its curve. */
function signingKeyOf(
  key: Key,
  { input, path }: Pick<Signed, "input" | "path">,
): ReturnType<typeof signingKey> | null {
  try {
    return signingKey(key, signFields(key.scheme, { ...input, path }));
  } catch {
    return null;
  }
}

async function byBrowser(
  algorithm: string,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) {
  try {
    const key = await crypto.subtle.importKey("raw", copy(publicKey), algorithm, false, ["verify"]);
    const good = await crypto.subtle.verify(algorithm, key, copy(signature), copy(message));
    return good ? "verified" : "wrong";
  } catch (error) {
    // An old browser may not know the algorithm; a key that does not decode is a wrong one.
    return error instanceof DOMException && error.name === "NotSupportedError" ? "unsupported" : "wrong";
  }
}

/** A copy that is not in shared memory, which WebCrypto refuses. */
const copy = (bytes: Uint8Array) => new Uint8Array(bytes);
