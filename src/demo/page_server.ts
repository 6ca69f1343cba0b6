/**
 * Serves the console's page: files that were built before, by GET, and nothing else.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { InputError } from "../failure.ts";

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

export interface PageServer extends AsyncDisposable {
  readonly port: number;
}

/** Bundles the page and serves it on 127.0.0.1. @throws {InputError} `port`, if it is taken. */
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

function answer(request: Request, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Response {
  if (request.method !== "GET") return new Response("Only GET\n", { status: 405, headers: { allow: "GET" } });
  const { pathname } = new URL(request.url);
  const name = pathname === "/" ? "demo.html" : pathname.slice(1);
  const body = files.get(name);
  if (!body) return new Response("Not found\n", { status: 404 });
  return new Response(body, {
    headers: {
      "content-type": types[name.split(".").at(-1)!] ?? "application/octet-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    },
  });
}

/** All files of the page, in memory. */
async function build(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const web = new URL("../../web/", import.meta.url);
  const out = await mkdtemp(`${tmpdir()}/quorate-page-`);
  try {
    const bundling = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--platform",
        "browser",
        "--minify",
        "-o",
        `${out}/demo.js`,
        new URL("demo_app.ts", web).pathname,
      ],
      stderr: "piped",
    }).output();
    if (!bundling.success) {
      throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(bundling.stderr)}`);
    }
    const files = new Map([["demo.js", await Deno.readFile(`${out}/demo.js`)]]);
    for (const name of ["demo.html", "style.css", "icon.svg"]) {
      files.set(name, await Deno.readFile(new URL(name, web)));
    }
    return files;
  } finally {
    await rm(out, { recursive: true });
  }
}
