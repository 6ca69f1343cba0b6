/**
 * How a page measures a new passphrase. What does it is large, so it is a script of its own, fetched when the first one
 * is chosen.
 * @module
 */

/** Why a passphrase is not taken, in sentences for a person, or null. `about`: what belongs to whoever chooses it. */
export type Measure = (passphrase: string, about: readonly string[]) => Promise<string | null>;

type Strength = Pick<typeof import("../../src/text/strength.ts"), "weakness">;

/** The page names the script: `<meta name="quorate-strength" content="…">`. */
export function strengthMeter(
  page: Document,
  load: (address: string) => Promise<Strength> = (address) => import(address),
): Measure {
  const named = page.querySelector<HTMLMetaElement>('meta[name="quorate-strength"]');
  if (!named) throw new Error("Cannot start: expected the page to name its meter of passphrases, found none");
  const address = new URL(named.content, page.baseURI).href;
  return async (passphrase, about) => {
    let strength: Strength;
    try {
      strength = await load(address);
    } catch {
      return "The passphrase could not be measured, for this page could not be loaded whole. Try again, or reload it.";
    }
    return strength.weakness(passphrase, about);
  };
}
