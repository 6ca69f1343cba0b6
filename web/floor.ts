/**
 * The minimum that a browser needs for the pages, and a sentence about what it lacks.
 *
 * A browser with Ed25519 in WebCrypto has everything else that the pages need, such as module workers.
 * @module
 */

/** The part of `globalThis` that is checked. */
export interface Surroundings {
  readonly isSecureContext: boolean;
  readonly indexedDB?: unknown;
  readonly crypto?: { readonly subtle?: Pick<SubtleCrypto, "generateKey"> };
}

/** The number of keys that a browser may fail to make: WebKitGTK fails with `OperationError` for one of 128. */
const keysTried = 4;

const browsers = "Safari 17.4, Firefox 140, Chrome or Edge 137, or a later version of one of them";

/**
 * A sentence for a person about what is missing and which browsers have it; null if nothing is missing.
 *
 * @param options.keeps Whether the page keeps data in this browser.
 */
export async function missing(
  { isSecureContext, indexedDB, crypto }: Surroundings,
  { keeps }: { keeps: boolean },
): Promise<string | null> {
  if (!isSecureContext) {
    return "This page needs the browser's cryptography, which works only at secure addresses: open the page at an address " +
      "that begins with https:// or with http://localhost.";
  }
  for (let tried = 1;; tried++) {
    try {
      await crypto!.subtle!.generateKey("Ed25519", false, ["sign", "verify"]);
      break;
    } catch {
      if (tried < keysTried) continue;
      return `This browser cannot make Ed25519 keys, which this page needs: use ${browsers}.`;
    }
  }
  if (keeps && !indexedDB) {
    return "This browser does not let this page keep data (IndexedDB is off), but shares have to be kept: allow it in the " +
      `browser's settings, or use ${browsers}.`;
  }
  return null;
}

/** Shows the sentence in place of the page's first text. @returns Whether anything is missing. */
export async function saysMissing(root: Element, options: { keeps: boolean }): Promise<boolean> {
  const sentence = await missing(globalThis, options);
  if (sentence !== null) root.querySelector("main")!.textContent = sentence;
  return sentence !== null;
}
