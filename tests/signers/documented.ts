/**
 * The code on `docs/signers.md`, as modules. Not a test by itself.
 * @module
 */
import config from "../../deno.json" with { type: "json" };

const root = new URL("../../", import.meta.url);
const entries: Readonly<Record<string, string>> = config.exports;

/** Code for users of the package, with its entries as they are here. @throws {Error} For an entry that is not there. */
export const placed = (code: string): string =>
  code.replaceAll(/"@quorate\/quorate(\/\w+)?"/g, (_, entry = "") => {
    const path = entries[`.${entry}`];
    if (path === undefined) throw new Error(`There is no entry @quorate/quorate${entry}`);
    return `"${new URL(path, root)}"`;
  });

/** The block of code under each heading. */
export async function documented(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(new URL("docs/signers.md", root));
  const blocks = [...text.matchAll(/^## ([^\n]+)\n(?:(?!^## )[^])*?^```ts\n([^]*?)^```/gm)];
  return new Map(blocks.map(([, heading, code]) => [heading!, placed(code!)]));
}

/** Loads the block under a heading. */
export async function recipe<T>(heading: string): Promise<T> {
  const code = (await documented()).get(heading);
  if (code === undefined) throw new Error(`docs/signers.md has no code under “${heading}”`);
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, code);
  try {
    return await import(new URL(`file://${file}`).href);
  } finally {
    await Deno.remove(file);
  }
}
