/**
 * The names that a peer or a wallet may have: people decide by them, so every character must be visible.
 * @module
 */

/**
 * Characters that are invisible or change how others look: control characters, line ends, direction overrides
 * and other format characters such as joiners, lone surrogates, private and unassigned code points,
 * characters that are drawn as nothing, and every blank except the plain space.
 */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * The reason why this is no valid name, or null if it is: 1 to `longest` UTF-16 units of visible characters
 * in Unicode's composed form (NFC), with single spaces between them. Letters of any script and emoji of one
 * code point are fine.
 */
export function wrongName(name: string, longest: number): string | null {
  if (typeof name !== "string") return `expected a name, found ${typeof name}`;
  if (name.length < 1 || name.length > longest) {
    return `expected 1 to ${longest} characters, found ${name.length}`;
  }
  return wrongCharacters(name);
}

/**
 * The reason why a text is not made of visible characters in Unicode's composed form (NFC), with single
 * spaces between them; null if it is.
 */
export function wrongCharacters(text: string): string | null {
  if (!text.isWellFormed() || text.normalize("NFC") !== text) {
    return "expected composed Unicode (NFC), found another form";
  }
  const odd = [...text.replaceAll(" ", "")].find((character) => unseen.test(character));
  if (odd !== undefined) {
    const code = odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return `expected visible characters, found U+${code}`;
  }
  return /^ | $| {2}/.test(text) ? "expected single spaces between words, found others" : null;
}
