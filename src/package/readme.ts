/**
 * The documents of the package: they import what a package imports, and link to what the package has.
 * @module
 */
import { posix } from "node:path";

/** Paragraphs between these two comments are for those who have the repository. */
const ofRepository = /<!-- repository -->\n[\s\S]*?<!-- end of repository -->\n+/g;

/** Paragraphs within such a comment are for those who have the package. */
const ofPackage = /<!-- package\n([\s\S]*?)-->\n/g;

/**
 * The document for those who have the package only.
 *
 * @param text The repository's, whose examples import the sources.
 * @param path Its path, in both.
 * @param name The name of the package.
 * @param exports The paths of its entries' sources.
 * @param has The files of the package.
 */
export function packedDocument(
  text: string,
  { path, name, exports, has }: {
    path: string;
    name: string;
    exports: Readonly<Record<string, string>>;
    has: ReadonlySet<string>;
  },
): string {
  let packed = text.replaceAll(ofRepository, "").replaceAll(ofPackage, "$1");
  for (const [entry, source] of Object.entries(exports)) {
    packed = packed.replaceAll(`from "${source}"`, `from "${name}${entry.slice(1)}"`);
  }
  // Beside an import of a source stands what it is in a package.
  packed = packed.replaceAll(new RegExp(` // (?:in a package: )?${name}\\S*$`, "gm"), "");
  const folder = posix.dirname(path);
  return packed.replaceAll(
    /(!?)\[([^\]]+)\]\((?!\w+:|#)([^)#]+)(?:#[^)]*)?\)/g,
    (link, picture: string, words: string, to: string) =>
      has.has(posix.join(folder, to)) ? link : picture ? "" : words,
  ).replaceAll(/\n{3,}/g, "\n\n");
}
