/**
 * Serves the demonstration's two pages: the console at `/`, and at `/hold/` the product's own page, in which a tab holds
 * a share. Files that were built before, by GET, and nothing else.
 * @module
 */
import { InputError } from "../errors.ts";
import { buildSite } from "../site/site.ts";

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

export interface PageServer extends AsyncDisposable {
  readonly port: number;
}

type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Bundles the pages and serves them on 127.0.0.1. @throws {InputError} `port`, if it is taken. */
export async function servePage({ port }: { port: number }): Promise<PageServer> {
  const files = await build();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, (request) => answer(request, files));
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new InputError("port", `expected a free one, found that ${port} is in use`, { cause });
  }
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

function answer(request: Request, files: Files): Response {
  if (request.method !== "GET") return new Response("Only GET\n", { status: 405, headers: { allow: "GET" } });
  const { pathname } = new URL(request.url);
  const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  const body = files.get(name);
  if (!body) return new Response("Not found\n", { status: 404 });
  return new Response(body, {
    headers: {
      "content-type": types[name.split(".").at(-1)!] ?? "application/octet-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      // A page's own policy cannot say this: browsers take it from a header only.
      "content-security-policy": "frame-ancestors 'none'",
    },
  });
}

/** All files of both pages by their path, in memory. */
async function build(): Promise<Files> {
  const sites = [
    ["/", await buildSite({ page: "demo/index.html", program: "demo/app.ts", holds: false })],
    ["/hold/", await buildSite({ page: "index.html", program: "app.ts" })],
  ] as const;
  return new Map(
    sites.flatMap(([folder, files]) => [...files].map(([name, body]) => [folder + name, body] as const)),
  );
}
