/**
 * The README of the package: it imports what a package imports, and links to what the package has.
 * @module
 */

/**
 * The README for those who have the package only.
 *
 * @param readme The repository's, whose examples import the sources.
 * @param name The name of the package.
 * @param exports The paths of its entries' sources.
 * @param has The files of the package.
 */
export function packedReadme(
  readme: string,
  { name, exports, has }: {
    name: string;
    exports: Readonly<Record<string, string>>;
    has: ReadonlySet<string>;
  },
): string {
  let text = readme;
  for (const [entry, path] of Object.entries(exports)) {
    text = text.replaceAll(`from "${path}"`, `from "${name}${entry.slice(1)}"`);
  }
  return text.replaceAll(
    /(!?)\[([^\]]+)\]\((?!\w+:|#)([^)#]+)(?:#[^)]*)?\)/g,
    (link, picture: string, words: string, path: string) =>
      has.has(path.replace(/^\.\//, "")) ? link : picture ? "" : words,
  );
}
