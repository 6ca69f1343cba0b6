/**
 * A Vite and React app in Chromium that holds a share, with a holder in Node. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { withPage } from "../../e2e/chromium.ts";
import { TextLineStream } from "../../src/demo/lines.ts";
import { nodeIn, type Project } from "./project.ts";

interface Signed {
  scheme: string;
  publicKey: number[];
  signature: number[];
}
/** The app's own, in `programs/vite/main.js`. */
declare function sign(roster: string): Promise<Signed[]>;

/** Builds the app, opens it, and has it make keys and sign with the host. OpenSSL verifies. */
export async function signInVite(project: Project): Promise<void> {
  for (const path of ["vite/index.html", "vite/main.js", "host.ts"]) await project.add(path);
  await project.run(nodeIn(project), ["node_modules/vite/bin/vite.js", "build", "vite", "--logLevel=warn"]);
  await using site = serve(`${project.folder}/vite/dist`);
  await using host = startHost(project);
  const signed = await withPage(site.url, {}, async (page) => {
    const peer = await page.locator("[data-peer]").getAttribute("data-peer");
    const roster = await host.rosterWith(peer!);
    return await page.evaluate((text) => sign(text), roster);
  });
  assert.deepEqual(signed.map(({ scheme }) => scheme), ["ed25519", "ecdsa"]);
  for (const one of signed) assert.ok(isGood(one), one.scheme);
  assert.ok(site.requests.some((path) => /worker/.test(path)), `a worker of its own: ${site.requests}`);
}

const base64url = (bytes: Uint8Array) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });

function isGood({ scheme, publicKey, signature }: Signed): boolean {
  const message = new TextEncoder().encode("packed");
  const bytes = new Uint8Array(signature);
  if (scheme === "ed25519") {
    const key = { kty: "OKP", crv: "Ed25519", x: base64url(new Uint8Array(publicKey)) };
    return verify(null, message, createPublicKey({ key, format: "jwk" }), bytes);
  }
  return secp256k1.verify(bytes, message, new Uint8Array(publicKey), { lowS: true });
}

const types: Record<string, string> = { html: "text/html", js: "text/javascript" };

/** Serves a folder. */
function serve(folder: string): { url: string; requests: readonly string[] } & AsyncDisposable {
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    requests.push(pathname);
    const path = pathname === "/" ? "/index.html" : pathname;
    const file = await Deno.open(folder + path).catch(() => null);
    const headers = { "content-type": types[path.split(".").at(-1)!] ?? "application/octet-stream" };
    return file ? new Response(file.readable, { headers }) : new Response(null, { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Starts `programs/host.ts` in Node. */
function startHost(project: Project): { rosterWith(tab: string): Promise<string> } & AsyncDisposable {
  const child = new Deno.Command(nodeIn(project), {
    args: ["host.ts"],
    cwd: project.folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  return {
    async rosterWith(tab) {
      await input.write(new TextEncoder().encode(`${tab}\n`));
      const { value } = await lines.read();
      assert.ok(value, "the host ended");
      return JSON.parse(value);
    },
    async [Symbol.asyncDispose]() {
      await input.close();
      await lines.cancel();
      assert.equal((await child.status).code, 0);
    },
  };
}
