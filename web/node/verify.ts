/**
 * The page's own check of a signature: by the library, under the key that this page knows; and by the
 * browser, which shares no code with the library, where it supports the scheme.
 * @module
 */
import { verify } from "../../src/node/verify.ts";
import { itemOf, signingKey } from "../../src/schemes/schemes.ts";
import { schemeTexts } from "../text/schemes.ts";
import type { GroupKey, ItemInput, Signature } from "./node_port.ts";
import type { Verdict } from "../state/sessions.ts";

type Key = Pick<GroupKey, "scheme" | "publicKey" | "chainCode">;

/** After this many signatures the page gets a turn: each takes a few ms. */
const turnAfter = 8;

/** Whether there is a valid signature for each item, in order. */
export async function verifyAll(
  key: Key,
  items: readonly ItemInput[],
  signatures: readonly Signature[],
): Promise<Verdict> {
  const wrong: number[] = [];
  let supported = true;
  for (const [i, item] of items.entries()) {
    const signature = signatures[i];
    const found = signature ? await verifyHere(key, item, signature) : "wrong";
    if (found === "wrong") wrong.push(i);
    if (found === "unsupported") supported = false;
    if (i % turnAfter === turnAfter - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  const bad = wrong.length > 0 || signatures.length !== items.length;
  return { is: bad ? "wrong" : supported ? "verified" : "unsupported", wrong };
}

/**
 * Whether the signature is valid for the item, under what its input and its path make of the key.
 *
 * @returns `unsupported` if the browser does not support the scheme.
 */
export async function verifyHere(
  key: Key,
  item: ItemInput,
  signature: Signature,
): Promise<Verdict["is"]> {
  const signing = signingKeyOf(key, item);
  if (signing === null) return "wrong";
  const same = signature.scheme === key.scheme && signing.publicKey.toHex() === signature.publicKey.toHex();
  if (!same) return "wrong";
  if (!verify(key, item, signature)) return "wrong";
  const { webCrypto } = schemeTexts[key.scheme];
  if (webCrypto === null) return "verified";
  return item.message
    ? await byBrowser(webCrypto, signing.publicKey, item.message, signature.bytes)
    : "wrong";
}

/** The key that the signature must verify under; null if the key is not a point of its curve. */
function signingKeyOf(
  key: Key,
  item: ItemInput,
): ReturnType<typeof signingKey> | null {
  try {
    return signingKey(key, itemOf(key.scheme, item));
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
