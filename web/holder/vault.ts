/**
 * The worker in which shares are opened, as the built page has it.
 * @module
 */

/** What browsers have that hold strings that are run to account (Trusted Types). */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
    createScriptURL(url: string): string;
  };
}

/**
 * How to start it. The page names it: `<meta name="quorate-vault" content="…">`. The page's one Trusted Types policy
 * lets through this address and no other.
 */
export function vaultStarter(page: Document): () => Worker {
  const named = page.querySelector<HTMLMetaElement>('meta[name="quorate-vault"]');
  if (!named) throw new Error("Cannot start: expected the page to name its vault, found none");
  const address = new URL(named.content, page.baseURI).href;
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = types?.createPolicy("quorate", {
    createScriptURL(url) {
      if (url !== address) throw new TypeError(`Cannot run ${url}: expected ${address}`);
      return url;
    },
  });
  return () => new Worker(policy?.createScriptURL(address) ?? address, { type: "module" });
}
