/**
 * What a peer or a wallet may be called: a name is shown to people, who decide by it.
 * @module
 */

/**
 * What is not seen, or changes how its neighbours are seen: control characters, line ends, direction overrides and
 * other format characters (joiners among them), lone surrogates, private and unassigned code points; characters that
 * are drawn as nothing; and every blank but the plain space.
 */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Why this is no name, or null if it is one: 1 to `longest` UTF-16 units of visible characters in Unicode's composed
 * form (NFC), with single spaces between them. Letters of any script and emoji that are one code point are fine.
 */
export function wrongName(name: string, longest: number): string | null {
  if (typeof name !== "string") return `expected a name, found ${typeof name}`;
  if (name.length < 1 || name.length > longest) {
    return `expected 1 to ${longest} characters, found ${name.length}`;
  }
  if (!name.isWellFormed() || name.normalize("NFC") !== name) {
    return "expected composed Unicode (NFC), found another form";
  }
  const odd = [...name.replaceAll(" ", "")].find((character) => unseen.test(character));
  if (odd !== undefined) {
    const code = odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return `expected visible characters, found U+${code}`;
  }
  return /^ | $| {2}/.test(name) ? "expected single spaces between words, found others" : null;
}
