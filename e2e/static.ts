/**
 * Serves a test's page as the demo serves its own: files, GET, nothing else.
 * @module
 */
import { bundle } from "../src/site/bundle.ts";

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

export interface Site extends AsyncDisposable {
  url: string;
  /** Method and path of every request, in order. */
  requests: readonly string[];
}

/**
 * Bundles `entry`, and serves it in the place of the script that `html` names.
 *
 * @param beside More programs, such as a worker's, by the names under which they are served.
 */
export async function serveBundle(
  entry: URL,
  html: URL,
  beside: Readonly<Record<string, URL>> = {},
): Promise<Site> {
  const script = await bundle(entry);
  const others = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, program] of Object.entries(beside)) {
    others.set(`/${name}`, await bundle(program));
  }
  const page = await Deno.readTextFile(html);
  const src = /<script type="module" src="\.\/([^"]+)">/.exec(page)?.[1];
  if (!src) throw new Error(`Cannot serve ${html.href}: expected a module script, found none`);
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    requests.push(`${request.method} ${pathname}`);
    if (request.method !== "GET") return new Response(null, { status: 405 });
    const headers = { "content-type": types[pathname.split(".").at(-1)!] ?? types.html! };
    if (pathname === "/") return new Response(page, { headers });
    if (pathname === `/${src}`) return new Response(script, { headers });
    if (others.has(pathname)) return new Response(others.get(pathname)!, { headers });
    if (!/^\/[\w-]+\.(css|svg)$/.test(pathname)) return new Response(null, { status: 404 });
    try {
      return new Response(await Deno.readFile(new URL(`../web${pathname}`, import.meta.url)), { headers });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
