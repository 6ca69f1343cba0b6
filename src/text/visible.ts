/**
 * Text that somebody else wrote, made fit to be printed: nothing invisible, nothing that moves a cursor or turns its
 * surroundings round.
 * @module
 */

/** Controls, bidi marks and embeddings, zero-width and other invisible characters, tags, lone surrogates. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** More than two marks on one letter paint over their neighbours. */
const marks = /(\p{M}{2})\p{M}+/gu;

/** Every character that cannot be seen becomes its number: `‹202E›`. */
export function visible(text: string): string {
  return text.replace(
    hidden,
    (found) => `‹${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}›`,
  )
    .replace(marks, "$1");
}

/** JSON that says the same, in which every character that cannot be seen is written as `\u202e`; line ends stay. */
export function visibleJson(json: string): string {
  return json.replace(hidden, (found) => {
    if (found === "\n") return found;
    const units = Array.from({ length: found.length }, (_, i) => found.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}
