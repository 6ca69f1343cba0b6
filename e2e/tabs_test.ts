/**
 * Tabs that hold shares, in a real browser: they sign with each other when nobody else is there, and with whoever comes
 * back.
 * @module
 */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { formatInvitation } from "../src/cluster/roster/admission/invitation_link.ts";
import { formatRoster, type Roster, signRoster } from "../src/cluster/roster/roster.ts";
import type { NodeEvent } from "../src/events.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform/platform.ts";
import { openBrowser } from "./chromium.ts";
import { type Folder, freePort, makeFolders } from "./folders.ts";
import { type Headless, startHeadless } from "./headless.ts";
import { poll } from "./killed_process.ts";
import { HeldPeer } from "./held_peer.ts";
import { serveTabPeer, type SignedWith, TabPeer } from "./tab_peers.ts";

interface Scene {
  tabs: readonly [TabPeer, TabPeer];
  browser: Browser;
  relay: Headless;
  folder: Folder;
  roster: Roster;
  /** The peers in the order: both tabs, the relay. */
  peers: readonly [string, string, string];
}

const startRelay = (folder: Folder, roster: Roster) =>
  startHeadless(folder, roster, { listen: folder.entry.addresses, flags: ["--relay"] });

/** Two tabs and a relay's process, all three holders, linked. @param before A script that runs in Ben's tab first. */
async function withScene(run: (scene: Scene) => Promise<void>, before = ""): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-tabs-" });
  await using site = await serveTabPeer();
  const browser = await openBrowser();
  try {
    const context = await browser.newContext();
    await context.addInitScript(before);
    const tabs = await Promise.all([
      TabPeer.open(browser, site.url, "Ada"),
      TabPeer.openIn(context, site.url, "Ben"),
    ]);
    const [ada, ben] = tabs;
    const [folder] = await makeFolders(dir, ["Relay"]) as [Folder];
    const admin = await newIdentity(platformRandom);
    const roster = await signRoster(admin, [folder.entry, ada.entry, ben.entry], null);
    await using relay = await startRelay(folder, roster);
    await Promise.all(tabs.map((tab) => tab.start({ roster: formatRoster(roster) })));
    const peers = [ada.peer, ben.peer, folder.entry.peer] as const;
    await ada.linked([ben.peer, folder.entry.peer]);
    await ben.linked([ada.peer, folder.entry.peer]);
    await run({ tabs, browser, relay, folder, roster, peers });
    assert.deepEqual([...ada.complaints, ...ben.complaints], []);
  } finally {
    await browser.close();
    await Deno.remove(dir, { recursive: true });
  }
}

const schemes = ["ed25519", "ecdsa"] as const;
const quantile = (values: number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))]!;

Deno.test("createNode() in two tabs: they make keys of both schemes and sign by WebRTC with the relay killed; it comes back, and all heals; a tab that is reloaded signs on", async (t) => {
  await withScene(async ({ tabs, browser, relay, folder, roster, peers }) => {
    const [ada, ben] = tabs;
    const keys: SignedWith[] = [];
    await t.step("keys of 2 of 3 on both schemes, and the pages answer meanwhile", async () => {
      await ada.direct(ben.peer);
      // On a busy machine nobody gets his turn at once: a page that does nothing shows by how much.
      await using idle = await TabPeer.open(browser, ada.url, "Idle");
      for (const scheme of schemes) {
        if (scheme === "ecdsa") await Promise.all([...tabs, idle].map((tab) => tab.ask("tick")));
        const publicKey = await ada.generate("treasury", scheme, 2, peers);
        keys.push({ wallet: "treasury", scheme, publicKey });
      }
      const [idles, ...others] = await Promise.all([idle, ...tabs].map(async (tab) => {
        return quantile(await tab.ask("ticked"), 0.99);
      }));
      for (const p99 of others) {
        assert.ok(p99 < 50 + idles!, `it answered within ${p99} ms, an idle one ${idles} ms`);
      }
    });
    await t.step("the relay is killed, and both sign", async () => {
      await relay.kill();
      await poll(
        "the tabs to miss the relay",
        async () =>
          !(await ada.ask("peer", peers[2]))?.connected && !(await ben.ask("peer", peers[2]))?.connected,
      );
      const carrier = { kind: "webrtc", relayed: false, multiplexer: "/webrtc" };
      assert.deepEqual((await ada.ask("peer", ben.peer))?.carrier, carrier);
      assert.deepEqual((await ben.ask("peer", ada.peer))?.carrier, carrier);
      for (const key of keys) {
        for (const [n, tab] of tabs.entries()) await tab.sign(key, `without a relay ${n}`);
      }
    });
    await using _again = await startRelay(folder, roster);
    await t.step(
      "the relay is back: reservations and links come by themselves, and it signs with each",
      async () => {
        for (const tab of tabs) {
          await tab.linked([peers[2]]);
          await poll(
            `a reservation of ${tab.name}`,
            async () => (await tab.ask("reservations")).some(({ state }) => state === "reserved"),
          );
          for (const key of keys) {
            await tab.sign(key, `with ${tab.name}`, [tab.peer, peers[2]]);
          }
        }
      },
    );
    await t.step("a reloaded tab has its identity and its shares, and signs", async () => {
      const began = Date.now();
      await ada.reload();
      const gone = (event: NodeEvent) =>
        event.type === "peer" && event.other === ada.peer && event.state === "gone" && event.at >= began;
      await poll("Ben to miss who is gone", async () => (await ben.ask("told")).some(gone), 2_000);
      await ada.start({ roster: formatRoster(roster) });
      await ada.linked([ben.peer, peers[2]]);
      await ben.linked([ada.peer, peers[2]]);
      assert.equal((await ada.ask("keys")).filter(({ state }) => state === "active").length, 2);
      for (const key of keys) await ada.sign(key, "after a reload", [ada.peer, ben.peer]);
      for (const key of keys) await ben.sign(key, "after a reload", [ada.peer, peers[2]]);
      await ada.direct(ben.peer);
    });
  });
});

Deno.test("a tab without WebRTC makes keys and signs with one that has it, over the relay", async () => {
  await withScene(async ({ tabs: [ada, ben], peers }) => {
    for (const scheme of schemes) {
      const publicKey = await ada.generate("treasury", scheme, 2, peers);
      const key: SignedWith = { wallet: "treasury", scheme, publicKey };
      for (const tab of [ada, ben]) await tab.sign(key, `asked by ${tab.name}`, [ada.peer, ben.peer]);
    }
    assert.equal((await ada.ask("peer", ben.peer))?.carrier?.relayed, true);
    assert.equal((await ben.ask("peer", ada.peer))?.carrier?.relayed, true);
  }, "delete globalThis.RTCPeerConnection; delete globalThis.RTCDataChannel;");
});

Deno.test("approve() in a tab: its no is heard at once, a person who thinks is shown as asking; a locked tab says why", async () => {
  await withScene(async ({ tabs, peers }) => {
    const [ada, ben] = tabs;
    const publicKey = await ada.generate("treasury", "ed25519", 2, peers);
    const key: SignedWith = { wallet: "treasury", scheme: "ed25519", publicKey };
    const both = [ada.peer, ben.peer];
    const refused = async (code: string, atMost: number) => {
      const began = performance.now();
      const outcome = await ada.ask("outcome", await ada.ask("sign", "treasury", "ed25519", "no", both));
      const ms = performance.now() - began;
      assert.ok("code" in outcome && outcome.code === "declined", JSON.stringify(outcome));
      assert.deepEqual(outcome.claims, [{ by: ben.peer, code, peers: [] }]);
      assert.deepEqual([outcome.culprits, outcome.missing], [[], []]);
      assert.ok(ms < atMost, `${code} after ${ms} ms`);
    };
    await ben.ask("mood", "decline");
    await refused("declined", 1_000);

    await ben.ask("mood", "ask");
    for (const said of ["accept", "decline"] as const) {
      const id = await ada.ask("sign", "treasury", "ed25519", "well", both);
      const story = await ada.story(id, (story) => story.some(({ type }) => type === "asking"));
      assert.ok(story.some((event) => event.type === "asking" && event.other === ben.peer));
      await ben.ask("answer", said);
      const outcome = await ada.ask("outcome", id);
      assert.equal("code" in outcome ? outcome.code : "signed", said === "accept" ? "signed" : "declined");
    }
    await ben.ask("mood", "accept");

    await ben.ask("lock");
    await refused("store-locked", 1_000);
    assert.equal((await ada.ask("peer", ben.peer))?.link, "up");
    await ada.sign(key, "whoever is not locked is asked instead");
    await ben.ask("unlock");
    await ada.sign(key, "unlocked", both);
  });
});

Deno.test({
  name: "joinCluster() takes in tabs that the admin's peer lets in, to hold shares: they make a key and sign",
  // A libp2p node of this process keeps timers of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using site = await serveTabPeer();
    const browser = await openBrowser();
    try {
      const [identity, admin] = [await newIdentity(platformRandom), await newIdentity(platformRandom)];
      const addresses = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
      const entry = {
        peer: identity.peer,
        name: "Deno",
        addresses,
        rights: ["holder", "initiator", "manager"] as const,
      };
      const roster = await signRoster(admin, [entry], null);
      const asked: string[] = [];
      await using deno = await HeldPeer.start({
        identity,
        roster,
        admin,
        admit: ({ peer }) => {
          asked.push(peer);
          return Promise.resolve("accept");
        },
      });
      const [ada, ben] = await Promise.all([
        TabPeer.open(browser, site.url, "Ada"),
        TabPeer.open(browser, site.url, "Ben"),
      ]);
      for (const [n, tab] of [ada, ben].entries()) {
        const invitation = formatInvitation(deno.node.invite({ rights: ["holder", "initiator", "manager"] }));
        assert.equal(await tab.ask("join", invitation, tab.name), n + 2);
        await tab.start({});
      }
      assert.deepEqual(asked, [ada.peer, ben.peer]);
      await ada.linked([ben.peer, deno.peer]);
      await ben.linked([ada.peer, deno.peer]);
      const publicKey = await ben.generate("ours", "ed25519", 2, [ada.peer, ben.peer, deno.peer]);
      const key: SignedWith = { wallet: "ours", scheme: "ed25519", publicKey };
      await ada.sign(key, "two tabs", [ada.peer, ben.peer]);
      await ben.sign(key, "a tab and Deno", [ben.peer, deno.peer]);
      assert.deepEqual([...ada.complaints, ...ben.complaints], []);
    } finally {
      await browser.close();
    }
  },
});
