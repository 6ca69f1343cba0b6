/**
 * Apps in Chromium that hold a share, each built by a bundler, with a holder in Node. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { withPage } from "../../e2e/chromium.ts";
import { TextLineStream } from "../../src/demo/lines.ts";
import { esbuild, nodeIn, type Project } from "./project.ts";

interface Signed {
  scheme: string;
  publicKey: number[];
  signature: number[];
}
/** The app's own, in `programs/tab/sign.js`. */
declare function sign(roster: string): Promise<{ signed: Signed[]; carriers: string[] }>;

/** Builds an app. @returns The folder of its files, within the project. */
export type Build = (project: Project) => Promise<string>;

/** The carrier of the streams between tab and host. */
export type Over = "websocket" | "webrtc-direct";

const copied = async ({ add }: Project, ...paths: string[]) => {
  for (const path of paths) await add(path);
};

/** The page of an app that has none of its own. */
const pageOf = (script: string) =>
  `<!doctype html><html lang="en"><title>A holder</title><body>${script}</body></html>`;

/** A React app: Vite finds the worker. */
export const byVite: Build = async (project) => {
  await copied(project, "vite/index.html", "vite/main.js", "tab/sign.js");
  const vite = ["node_modules/vite/bin/vite.js", "build", "vite", "--logLevel=warn"];
  await project.run(nodeIn(project), vite);
  return "vite/dist";
};

/** webpack finds the worker, without any configuration. */
export const byWebpack: Build = async (project) => {
  await copied(project, "tab/main.js", "tab/sign.js");
  const how = ["--mode=production", "--no-performance", "--entry=./tab/main.js", "--output-path=./packed"];
  await project.run(nodeIn(project), ["node_modules/webpack/bin/webpack.js", "build", ...how]);
  await project.add("packed/index.html", pageOf('<script defer src="./main.js"></script>'));
  return "packed";
};

/** Rollup has the worker as an entry of its own. */
export const byRollup: Build = async (project) => {
  await copied(project, "tab/main.js", "tab/sign.js", "rollup.config.js");
  await project.run(nodeIn(project), ["node_modules/rollup/dist/bin/rollup", "--config", "--silent"]);
  await project.add("rolled/index.html", pageOf('<script type="module" src="./app/main.js"></script>'));
  return "rolled";
};

/** esbuild has it too. @param app `main` or `webrtc`. */
export const byEsbuild = (app: string): Build => async (project) => {
  await copied(project, `tab/${app}.js`, "tab/sign.js");
  const entries = [`app/main=tab/${app}.js`, "worker=@quorate/quorate/worker"];
  const how = ["--bundle", "--format=esm", "--platform=browser", "--target=es2022", "--log-level=warning"];
  await esbuild(project, [...entries, ...how, "--outdir=built"]);
  await project.add("built/index.html", pageOf('<script type="module" src="./app/main.js"></script>'));
  return "built";
};

/**
 * Builds the app, opens it, and has it make keys and sign with the host. OpenSSL verifies.
 *
 * @param over The carrier of their streams: of a host that can be reached by nothing else.
 */
export async function signInTab(
  project: Project,
  build: Build,
  over: Over = "websocket",
): Promise<void> {
  const folder = await build(project);
  await copied(project, "host.ts", "peers.ts");
  await using site = serve(`${project.folder}/${folder}`);
  await using host = startHost(project, over === "webrtc-direct" ? ["--webrtc"] : []);
  const workers: string[] = [];
  const { signed, carriers } = await withPage(site.url, {}, async (page) => {
    page.on("worker", (worker) => void workers.push(worker.url()));
    const peer = await page.locator("[data-peer]").getAttribute("data-peer");
    const roster = await host.rosterWith(peer!);
    return await page.evaluate((text) => sign(text), roster);
  });
  assert.deepEqual(signed.map(({ scheme }) => scheme), ["ed25519", "ecdsa"]);
  for (const one of signed) assert.ok(isGood(one), one.scheme);
  assert.deepEqual(carriers, [over]);
  assert.ok(workers.length > 0 && workers.every((url) => url.startsWith(site.url)), `workers: ${workers}`);
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
function serve(folder: string): { url: string } & AsyncDisposable {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname === "/" ? "/index.html" : pathname;
    const file = await Deno.open(folder + path).catch(() => null);
    const headers = { "content-type": types[path.split(".").at(-1)!] ?? "application/octet-stream" };
    return file ? new Response(file.readable, { headers }) : new Response(null, { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Starts `programs/host.ts` in Node. */
function startHost(
  project: Project,
  flags: readonly string[],
): { rosterWith(tab: string): Promise<string> } & AsyncDisposable {
  const child = new Deno.Command(nodeIn(project), {
    args: ["host.ts", ...flags],
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
