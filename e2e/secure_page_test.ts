/**
 * A page over https reaches a node behind a proxy that ends TLS: the way an operator sets it up.
 * @module
 */
import assert from "node:assert/strict";
import { formatRoster, signRoster } from "../src/cluster/roster/roster.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { openBrowser } from "./chromium.ts";
import { makeFolders } from "./folders.ts";
import { startHeadless } from "./headless.ts";
import type { TabPage } from "./programs/tab_page.ts";
import { serveBundle } from "./static.ts";
import { tlsProxy } from "./tls_proxy.ts";

const programs = new URL("./programs/", import.meta.url);
declare const tab: TabPage;

Deno.test({
  name: "a page over https reaches a node by wss, at the address that the node announces",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "quorate-secure-" });
    await using site = await serveBundle(
      new URL("tab_page.ts", programs),
      new URL("tab_page.html", programs),
    );
    await using secureSite = await tlsProxy(Number(new URL(site.url).port));
    const [folder] = await makeFolders(dir, ["Alice"]);
    const listen = folder!.entry.addresses;
    const port = Number(/\/tcp\/(\d+)/.exec(listen[0]!)![1]);
    await using secureNode = await tlsProxy(port);
    const announced = `/dns4/localhost/tcp/${secureNode.port}/tls/ws`;
    const ada = await newIdentity((length) => new Uint8Array(length).fill(1));
    const rights = ["holder", "initiator", "manager"] as const;
    const roster = await signRoster(await newIdentity(platformRandom), [
      { ...folder!.entry, addresses: [announced] },
      { peer: ada.peer, name: "Ada", addresses: [], rights },
    ], null);
    await using alice = await startHeadless(folder!, roster, { flags: ["--announce", announced], listen });
    assert.ok(alice.addresses.every((address) => address.startsWith(announced)), `${alice.addresses}`);
    const browser = await openBrowser();
    try {
      const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
      const sockets: string[] = [];
      page.on("websocket", (socket) => sockets.push(socket.url()));
      await page.goto(`https://localhost:${secureSite.port}/`);
      await page.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
      await page.evaluate((roster) => tab.start(1, roster), formatRoster(roster));
      await page.waitForFunction((peer) => tab.peer(peer).link === "up", folder!.entry.peer, {
        timeout: 20_000,
      });
      const { carrier } = await page.evaluate((peer) => tab.peer(peer), folder!.entry.peer);
      assert.deepEqual([carrier?.kind, carrier?.relayed], ["websocket", false]);
      assert.ok(
        sockets.length > 0 && sockets.every((url) => url.startsWith("wss://localhost")),
        `${sockets}`,
      );
    } finally {
      await browser.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
