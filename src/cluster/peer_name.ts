/**
 * What a peer may be called: a name is shown to people, who decide by it.
 * @module
 */

/** UTF-16 units. */
export const longestName = 32;

/**
 * What is not seen, or changes how its neighbours are seen: control characters, line ends, direction overrides and
 * other format characters (joiners among them), lone surrogates, private and unassigned code points; and every blank
 * but the plain space.
 */
const unseen = /[\p{C}\p{Z}]/u;

/**
 * Why this is no name, or null if it is one: 1 to 32 UTF-16 units of visible characters in Unicode's composed form
 * (NFC), with single spaces between them. Letters of any script and emoji that are one code point are fine.
 */
export function wrongName(name: string): string | null {
  if (name.length < 1 || name.length > longestName) {
    return `expected 1 to ${longestName} characters, found ${name.length}`;
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

/** `wanted`, or with a number where that is taken; capital and small letters count as the same. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const names = new Set(taken.map((name) => name.toLowerCase()));
  let free = wanted;
  for (let i = 2; names.has(free.toLowerCase()); i++) free = `${cut(wanted, longestName - 5)} ${i}`;
  return free;
}

/** At most `most` units, and no character halved. */
function cut(text: string, most: number): string {
  let short = "";
  for (const character of text) if ((short + character).length <= most) short += character;
  return short.trimEnd();
}
