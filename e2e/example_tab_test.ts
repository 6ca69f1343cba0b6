/** The example of a tab that holds a share, built by Vite as it stands in `docs/examples/`, in Chromium. */
import { ed25519 } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { createNode, formatInvitation, memoryStore, signRoster } from "../mod.ts";
import { createKeyFile, webSockets } from "../src/server.ts";
import { withPage } from "./chromium.ts";
import { builtExample } from "./examples.ts";
import { freePort } from "./folders.ts";
import { poll } from "./killed_process.ts";

const types: Record<string, string> = { html: "text/html", js: "text/javascript" };

/** Serves a folder. */
function serve(folder: string) {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const name = pathname === "/" ? "/index.html" : pathname;
    const body = await Deno.readFile(folder + name).catch(() => null);
    const type = types[name.split(".").at(-1)!];
    return body === null || type === undefined
      ? new Response(null, { status: 404 })
      : new Response(body, { headers: { "content-type": `${type}; charset=utf-8` } });
  });
}

Deno.test({
  name:
    "examples: a tab made with Vite and React joins, holds a share, asks its person, and signs; it comes back with its passphrase",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using built = await builtExample("react-tab");
    await using server = serve(built.path);
    const dir = await Deno.makeTempDir();
    const admin = await createKeyFile(`${dir}/admin.age`);
    const identity = await createKeyFile(`${dir}/alice.age`);
    await Deno.remove(dir, { recursive: true });
    const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
    const rights = ["holder", "initiator", "manager"] as const;
    const { peer } = identity;
    const roster = await signRoster(admin, [{ peer, name: "Alice", addresses: listen, rights }], null);
    await using alice = await createNode({
      ...{
        identity,
        admin,
        roster,
        approve: "roster",
        store: memoryStore(),
        transport: webSockets({ listen }),
      },
    });
    const url = `http://127.0.0.1:${server.addr.port}/#${formatInvitation(alice.invite())}`;

    await withPage(url, {}, async (page) => {
      const status = (text: string | RegExp) => page.getByRole("status").filter({ hasText: text }).waitFor();
      const linked = () =>
        poll("the tab's link", () => [...alice.peers.values()].some(({ link }) => link === "up"));
      const hold = async () => {
        await page.getByLabel("Passphrase").fill("correct horse battery staple 17");
        await page.getByRole("button", { name: "Hold a share" }).click();
      };
      await hold();
      await status(/^Read to whoever lets you in: \w+ \w+ \w+ \w+$/);
      await poll("the request to join", () => alice.joining().length === 1);
      const [request] = alice.joining();
      await status(request!.words.join(" "));
      await alice.admit(request!.peer);
      await page.getByText("This tab is a holder.").waitFor();
      await linked();

      const making = alice.generateKey({
        wallet: "ours",
        scheme: "ed25519",
        threshold: 2,
        note: "our first",
      });
      await page.getByText("generate with “ours”? our first").waitFor();
      await page.getByRole("button", { name: "Yes" }).click();
      const { publicKey } = await making.result;

      const message = new TextEncoder().encode("hello threshold");
      const sign = (note: string) => alice.sign({ wallet: "ours", scheme: "ed25519", message, note });
      const refused = sign("please");
      await page.getByText("sign with “ours”? please").waitFor();
      await page.getByRole("button", { name: "No" }).click();
      await assert.rejects(refused.result, { name: "SessionError", code: "declined" });
      await status(/declined|said no|refused/);

      await page.goto(url.slice(0, url.indexOf("#")));
      await page.reload();
      await hold();
      await page.getByText("This tab is a holder.").waitFor();
      await linked();
      const signing = sign("now");
      await page.getByText("sign with “ours”? now").waitFor();
      await page.getByRole("button", { name: "Yes" }).click();
      const { bytes } = await signing.result;
      assert.ok(ed25519.verify(bytes, message, publicKey, { zip215: false }));
      await status(`Signed: ${signing.id}`);
    });
  },
});
