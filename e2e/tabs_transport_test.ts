/**
 * Tabs as peers, in a real browser: they find each other over a relay, and need it no longer. Four first connections;
 * `QUORATE_TABS=all` (`deno task tabs`) has ten.
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import type { NodeEvent } from "../src/events.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { formatRoster, type Roster, type RosterPeer, signRoster } from "../src/cluster/roster/roster.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { openBrowser } from "./chromium.ts";
import { type Folder, freePort, makeFolders } from "./folders.ts";
import { type Headless, startHeadless } from "./headless.ts";
import type { TabPage } from "./programs/tab_page.ts";
import { serveBundle, type Site } from "./static.ts";

const programs = new URL("./programs/", import.meta.url);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page of its own context; its node is started apart. */
class Tab implements AsyncDisposable {
  readonly #page: Page;
  readonly complaints: string[] = [];
  constructor(page: Page) {
    this.#page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }
  static async open(browser: Browser, url: string): Promise<Tab> {
    const tab = new Tab(await (await browser.newContext()).newPage());
    await tab.#page.goto(url);
    await tab.#page.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
    return tab;
  }
  /** Calls a function of the page. */
  async ask<K extends keyof TabPage>(
    name: K,
    ...args: Parameters<TabPage[K]>
  ): Promise<Awaited<ReturnType<TabPage[K]>>> {
    return await this.#page.evaluate(
      ([name, args]) => {
        const { tab } = globalThis as unknown as { tab: Record<string, (...args: unknown[]) => unknown> };
        return tab[name as string]!(...args as unknown[]);
      },
      [name, args] as const,
    ) as Awaited<ReturnType<TabPage[K]>>;
  }
  /** Waits until it is so. @throws {Error} If it is not so in time, with what was told. */
  async until(what: string, isSo: () => Promise<boolean>, ms = 15_000): Promise<number> {
    const begun = performance.now();
    while (!await isSo()) {
      if (performance.now() - begun > ms) {
        const told = (await this.ask("told")).map(({ at, event }) =>
          `${at.toFixed()} ${JSON.stringify(event)}`
        );
        throw new Error(`Waited ${ms} ms for: ${what}\n${told.join("\n")}\n${this.complaints.join("\n")}`);
      }
      await sleep(20);
    }
    return performance.now() - begun;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#page.context().close();
  }
}

interface Scene {
  browser: Browser;
  site: Site;
  relay: Headless;
  /** The relay's. */
  folder: Folder;
  /** Peer ids: the relay's, and those of the tabs with seeds 1 and 2. */
  ids: { relay: string; tabs: readonly [string, string] };
  roster: string;
  signed: Roster;
}

/** A relay's process, a server of pages, and a roster with two tabs. @param by What the relay is dialled by. */
async function withScene(
  by: "websocket" | "webrtc-direct",
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-tabs-" });
  await using site = await serveBundle(new URL("tab_page.ts", programs), new URL("tab_page.html", programs));
  const browser = await openBrowser();
  try {
    const [folder] = await makeFolders(dir, ["Relay"]);
    const listen = by === "websocket" ? folder!.entry.addresses : [];
    const flags = by === "websocket" ? ["--relay"] : ["--relay", "--webrtc"];
    const rights = ["holder", "initiator", "manager"] as const;
    const identities = await Promise.all(
      [1, 2].map((seed) => newIdentity((length) => new Uint8Array(length).fill(seed))),
    );
    const entries: RosterPeer[] = identities.map(({ peer }, n) => ({
      peer,
      name: `Tab ${n + 1}`,
      addresses: [],
      rights,
    }));
    const admin = await newIdentity(platformRandom);
    const roster = await signRoster(admin, [{ ...folder!.entry, addresses: listen }, ...entries], null);
    await using relay = await startHeadless(folder!, roster, { listen, flags });
    const [one, two] = entries as [RosterPeer, RosterPeer];
    const ids = { relay: folder!.entry.peer, tabs: [one.peer, two.peer] as const };
    await run({ browser, site, relay, folder: folder!, ids, roster: formatRoster(roster), signed: roster });
  } finally {
    await browser.close();
    await Deno.remove(dir, { recursive: true });
  }
}

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;

/** Two tabs that talk by WebRTC. @returns ms from the start of the second's node to WebRTC at both. */
async function meet(scene: Scene, one: Tab, two: Tab, relays: readonly string[] = []): Promise<number> {
  const [first, second] = scene.ids.tabs;
  await one.ask("start", 1, scene.roster, relays);
  await one.until("a reservation", async () => (await one.ask("reservations"))[0]?.state === "reserved");
  const begun = performance.now();
  await two.ask("start", 2, scene.roster, relays);
  const direct = async (tab: Tab, peer: string) => (await tab.ask("peer", peer)).carrier?.relayed === false;
  await two.until("WebRTC at the second", () => direct(two, first));
  await one.until("WebRTC at the first", () => direct(one, second));
  return performance.now() - begun;
}

Deno.test("browserTransport(): two tabs talk by WebRTC, and go on when the relay's process has ended", async () => {
  await withScene("websocket", async (scene) => {
    const { browser, site, relay, ids } = scene;
    await using one = await Tab.open(browser, site.url);
    await using two = await Tab.open(browser, site.url);
    const ms = await meet(scene, one, two);
    const carrier = { kind: "webrtc", relayed: false, multiplexer: "/webrtc" };
    assert.deepEqual((await one.ask("peer", ids.tabs[1])).carrier, carrier);
    assert.deepEqual((await two.ask("peer", ids.tabs[0])).carrier, carrier);
    const toRelay = (await two.ask("peer", ids.relay)).carrier;
    assert.deepEqual(toRelay, { kind: "websocket", relayed: false, multiplexer: "/yamux/1.0.0" });
    assert.deepEqual(await two.ask("reservations"), [{ relay: ids.relay, state: "reserved" }]);
    const up = async (tab: Tab, peer: string) => (await tab.ask("peer", peer)).link === "up";
    await two.until("the link", () => up(two, ids.tabs[0]));

    await relay.stop();
    await two.until("the relay's end", async () => !(await two.ask("peer", ids.relay)).connected);
    await sleep(1_500); // gossip has found its new mesh, or not
    const small = await two.ask("echo", ids.tabs[0], 200, 200);
    const large = await one.ask("echo", ids.tabs[1], 20, 60_000);
    for (let n = 0; n < 20; n++) await two.ask("publish", `news ${n}`);
    await one.until("the news", async () => (await one.ask("heard")).length === 20);
    const [before] = [await two.ask("told")];
    const changes = before.map(({ event }) => event).filter((
      event,
    ): event is NodeEvent & { type: "carrier" } => event.type === "carrier" && event.other === ids.tabs[0]);
    assert.deepEqual(changes.at(-1)!.carrier, carrier);
    assert.ok(
      before.some(({ event }) => event.type === "reservation" && event.state === "retrying"),
      "the reservation's loss was not told",
    );
    assert.deepEqual([...one.complaints, ...two.complaints], []);
    console.log(
      `tab to tab by WebRTC after ${ms.toFixed()} ms; relay gone: 200 B ${median(small).toFixed(1)} ms, ` +
        `60 kB ${median(large).toFixed(1)} ms, gossip 20 of 20`,
    );
  });
});

const firstConnections = Deno.env.get("QUORATE_TABS") === "all" ? 10 : 4;

Deno.test(`browserTransport(): each of ${firstConnections} first connections of two tabs is a success`, async () => {
  await withScene("websocket", async (scene) => {
    const times: number[] = [];
    for (let n = 0; n < firstConnections; n++) {
      await using one = await Tab.open(scene.browser, scene.site.url);
      await using two = await Tab.open(scene.browser, scene.site.url);
      times.push(await meet(scene, one, two));
      const told = await two.ask("told");
      const changes = told.filter(({ event }) =>
        event.type === "carrier" && event.other === scene.ids.tabs[0]
      );
      assert.ok(changes.length <= 2, JSON.stringify(changes)); // over the relay, then by WebRTC: no second try
    }
    console.log(`first connections, ms: ${times.map((ms) => ms.toFixed()).join(" ")}`);
  });
});

Deno.test("browserTransport({ relays }): a Deno node without a WebSocket's port is reached by WebRTC-direct, and relays", async () => {
  await withScene("webrtc-direct", async (scene) => {
    const { relay, ids } = scene;
    assert.ok(relay.addresses.length > 0);
    for (const address of relay.addresses) assert.match(address, /\/webrtc-direct\/certhash\//);
    await using one = await Tab.open(scene.browser, scene.site.url);
    await using two = await Tab.open(scene.browser, scene.site.url);
    const ms = await meet(scene, one, two, relay.addresses);
    const direct = { kind: "webrtc-direct", relayed: false, multiplexer: "/webrtc" };
    assert.deepEqual((await two.ask("peer", ids.relay)).carrier, direct);
    const carrier = { kind: "webrtc", relayed: false, multiplexer: "/webrtc" };
    assert.deepEqual((await two.ask("peer", ids.tabs[0])).carrier, carrier);
    await two.until("the link", async () => (await two.ask("peer", ids.relay)).link === "up");
    assert.equal((await two.ask("echo", ids.tabs[0], 10, 1_000)).length, 10);
    const [here] = (await one.ask("told")).filter(({ event }) => event.type === "carrier");
    const all = `tab to tab after ${ms.toFixed()} ms`;
    console.log(
      `Deno by WebRTC-direct: connected after ${here!.at.toFixed()} ms; ${all}`,
    );
  });
});

Deno.test("browserTransport({ relays }): a Deno node that has been restarted is reached by the WebRTC-direct address it had before", async () => {
  await withScene("webrtc-direct", async ({ browser, site, relay, folder, signed, roster, ids }) => {
    await relay.stop();
    const listen = [`/ip4/0.0.0.0/udp/${await freePort()}/webrtc-direct`];
    const start = () => startHeadless(folder, signed, { listen, flags: ["--webrtc"] });
    await using first = await start();
    assert.ok(first.addresses.every((address) => address.includes(listen[0]!.match(/\/udp.*/)![0])));
    await using one = await Tab.open(browser, site.url);
    await one.ask("start", 1, roster, first.addresses);
    const up = async () => (await one.ask("peer", ids.relay)).link === "up";
    await one.until("the link", up);
    const begun = performance.now();
    assert.equal(await first.stop("SIGINT"), 0); // with a browser connected
    const ended = performance.now() - begun;
    assert.ok(ended < 5_000, `it ended ${ended} ms after SIGINT`);
    await one.until("its end", async () => !(await one.ask("peer", ids.relay)).connected);
    await using again = await start();
    assert.deepEqual(again.addresses, first.addresses);
    const back = await one.until("the link", up, 60_000);
    assert.equal((await one.ask("peer", ids.relay)).carrier?.kind, "webrtc-direct");
    assert.equal(await again.stop("SIGTERM"), 0);
    console.log(`it ended after ${ended.toFixed()} ms; reached again ${back.toFixed()} ms after it was up`);
  });
});
