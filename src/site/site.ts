/**
 * The page as files that any static host can serve: each but the page itself is named after its content, so that it can
 * be cached for ever and never mixed with another version.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bundle } from "./bundle.ts";

const web = new URL("../../web/", import.meta.url);

/** What a site is made of. */
export interface SiteOptions {
  /** The page, in `web/`. It names its script, its style and its icon by the names in `web/`, with `.js` for `.ts`. */
  page: string;
  /** Its program, in `web/`. */
  program: string;
  /**
   * Whether it opens shares, and names `vault.js`, the worker in which it does, and `strength.js`, by which it measures
   * passphrases when they are chosen; default true.
   */
  holds?: boolean;
}

/** The files of a site by name; the page is `index.html`. */
export type Site = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/**
 * Builds a site: the page, its program, the worker in which shares are opened if it needs one, style and icon.
 *
 * @throws {Error} If something cannot be bundled, or the page does not name one of its parts exactly once.
 */
export async function buildSite({ page, program, holds = true }: SiteOptions): Promise<Site> {
  const [app, vault, strength] = await Promise.all([
    bundle(new URL(program, web)),
    holds ? bundle(new URL("../worker.ts", import.meta.url)) : null,
    holds ? bundle(new URL("../text/strength.ts", import.meta.url)) : null,
  ]);
  const parts: [placeholder: string, content: Uint8Array<ArrayBuffer>][] = [
    [program.replace(/^.*\//, "").replace(/\.tsx?$/, ".js"), app],
    ...(vault ? [["vault.js", vault] satisfies [string, unknown]] : []),
    ...(strength ? [["strength.js", strength] satisfies [string, unknown]] : []),
    ["style.css", await Deno.readFile(new URL("style.css", web))],
    ["icon.svg", await Deno.readFile(new URL("icon.svg", web))],
  ];
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let html = await Deno.readTextFile(new URL(page, web));
  for (const [placeholder, content] of parts) {
    const name = named(placeholder, content);
    const pieces = html.split(`"./${placeholder}"`);
    if (pieces.length !== 2) throw new Error(`Cannot build ${page}: expected “./${placeholder}” in it once`);
    html = pieces.join(`"./${name}"`);
    files.set(name, content);
  }
  files.set("index.html", new TextEncoder().encode(html));
  return files;
}

/** `style.css` becomes `style.1f2e3d4c5b6a7988.css`. */
function named(placeholder: string, content: Uint8Array): string {
  const dot = placeholder.lastIndexOf(".");
  return `${placeholder.slice(0, dot)}.${sha256(content).slice(0, 8).toHex()}${placeholder.slice(dot)}`;
}

/** What the files weigh when they are sent compressed, bytes. */
export async function gzipped(content: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}
