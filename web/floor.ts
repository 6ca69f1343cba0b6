/**
 * Whether a browser can run the pages, and in one sentence what it lacks.
 *
 * Browsers with Ed25519 in WebCrypto have all else that the pages need, module workers among it: that came earlier.
 * @module
 */

/** What is looked at: a page's `globalThis`. */
export interface Surroundings {
  readonly isSecureContext: boolean;
  readonly indexedDB?: unknown;
  readonly crypto?: { readonly subtle?: Pick<SubtleCrypto, "generateKey"> };
}

const browsers = "Safari 17.4, Firefox 140, Chrome or Edge 137, or a later version of one of them";

/**
 * A sentence for a person about what is missing and what has it; null if nothing is.
 *
 * @param options.keeps Whether the page keeps anything in this browser.
 */
export async function missing(
  { isSecureContext, indexedDB, crypto }: Surroundings,
  { keeps }: { keeps: boolean },
): Promise<string | null> {
  if (!isSecureContext) {
    return "This page needs the browser's cryptography, which it lends to safe addresses only: open the page at an " +
      "address that begins with https:// or with http://localhost.";
  }
  try {
    await crypto!.subtle!.generateKey("Ed25519", false, ["sign", "verify"]);
  } catch {
    return `This browser cannot make Ed25519 keys, which this page needs: use ${browsers}.`;
  }
  if (keeps && !indexedDB) {
    return "This browser does not let this page keep anything (IndexedDB is off), and shares have to be kept: allow it " +
      `in the browser's settings, or use ${browsers}.`;
  }
  return null;
}

/** Says it in the place of the page's first words. @returns Whether anything is missing. */
export async function saysMissing(root: Element, options: { keeps: boolean }): Promise<boolean> {
  const sentence = await missing(globalThis, options);
  if (sentence !== null) root.querySelector("main")!.textContent = sentence;
  return sentence !== null;
}
