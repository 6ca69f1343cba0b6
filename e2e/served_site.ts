/**
 * The built page, served as any static host does. Not a test by itself.
 * @module
 */
import { buildSite } from "../src/site/site.ts";

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The scripts with which a page and its worker begin. */
const programs = /^(app|vault)\./;

export interface ServedSite extends AsyncDisposable {
  readonly port: number;
  /** Method and path of every request, in order. */
  readonly requests: readonly string[];
}

/** @param before A script that runs before the page's own, and before the worker's. */
export async function serveSite(before = ""): Promise<ServedSite> {
  const files = await buildSite({ page: "index.html", program: "app.ts" });
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    requests.push(`${request.method} ${pathname}`);
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const body = files.get(name);
    if (!body) return new Response(null, { status: 404 });
    const type = name.split(".").at(-1)!;
    const parts = programs.test(name) ? [before, body] : [body];
    return new Response(new Blob(parts), { headers: { "content-type": types[type]! } });
  });
  return { port: server.addr.port, requests, [Symbol.asyncDispose]: () => server.shutdown() };
}
