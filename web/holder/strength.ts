/**
 * The measurement of new passphrases. It needs a large script of its own, which the page fetches when the first
 * passphrase is chosen.
 * @module
 */

/** @param about Words of the person, such as the name. @returns Why a passphrase is refused, in sentences; else null. */
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
      return "The passphrase could not be measured, since a part of this page could not be loaded. Try again, or reload the page.";
    }
    return strength.weakness(passphrase, about);
  };
}
