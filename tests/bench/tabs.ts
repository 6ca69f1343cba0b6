/**
 * Tabs in a real browser, beside a Deno peer: how soon two find each other, and how long a signature takes them.
 * @module
 */
import { formatRoster, signRoster } from "../../src/cluster/roster/roster.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { openBrowser } from "../../e2e/chromium.ts";
import { makeFolders } from "../../e2e/folders.ts";
import { type Headless, startHeadless } from "../../e2e/headless.ts";
import { serveTabPeer, type SignedWith, TabPeer } from "../../e2e/tab_peers.ts";
import { type Figure, figure, quantile } from "./figures.ts";

export interface TabCounts {
  /** First connections. */
  meetings: number;
  /** Of each pair and curve. */
  signatures: number;
}

/** Two tabs, each a page of its own profile, and `deno task node run --relay` as a process. */
export async function tabs({ meetings, signatures }: TabCounts): Promise<Figure[]> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-bench-tabs-" });
  await using site = await serveTabPeer();
  const browser = await openBrowser();
  const firsts: number[] = [];
  try {
    const [folder] = await makeFolders(dir, ["Relay"]);
    const admin = await newIdentity(platformRandom);
    for (let left = meetings; left > 0; left--) {
      await using ada = await TabPeer.open(browser, site.url, "Ada");
      await using ben = await TabPeer.open(browser, site.url, "Ben");
      const roster = await signRoster(admin, [folder!.entry, ada.entry, ben.entry], null);
      await Deno.remove(`${folder!.path}/shares.db`).catch(() => {}); // there is none at first
      await using _relay: Headless = await startHeadless(folder!, roster, {
        listen: folder!.entry.addresses,
        flags: ["--relay"],
      });
      await ada.start({ roster: formatRoster(roster) });
      await ada.linked([folder!.entry.peer]);
      const began = performance.now();
      await ben.start({ roster: formatRoster(roster) });
      await ben.direct(ada.peer);
      firsts.push(performance.now() - began);
      if (left > 1) continue;
      await ben.linked([ada.peer, folder!.entry.peer]);
      return [
        figure("tabs, from the start of the second to WebRTC between them", "ms", firsts),
        ...await signing({ ada, ben, relay: folder!.entry.peer }, signatures),
      ];
    }
    return [];
  } finally {
    await browser.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function signing(
  { ada, ben, relay }: { ada: TabPeer; ben: TabPeer; relay: string },
  count: number,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const curve of ["ed25519", "secp256k1"] as const) {
    await ada.ask("tick");
    const began = performance.now();
    const publicKey = await ada.generate("bench", curve, 2, [ada.peer, ben.peer, relay]);
    figures.push(figure(`key of 2-of-3 on ${curve}, two tabs and Deno`, "ms", [performance.now() - began]));
    const late = await ada.ask("ticked");
    const more = { p99: Number(quantile(late, 0.99).toPrecision(3)), max: Math.round(Math.max(...late)) };
    figures.push(figure(`page's delay while a key on ${curve} is made`, "ms", late, more));
    const key: SignedWith = { wallet: "bench", curve, publicKey };
    for (const [who, other] of [["tab and tab", ben.peer], ["tab and Deno", relay]] as const) {
      const values: number[] = [];
      for (let n = -2; n < count; n++) { // two to warm up
        const ms = await ada.sign(key, `signature ${n}`, [ada.peer, other]);
        if (n >= 0) values.push(ms);
      }
      figures.push(figure(`signing 2-of-3 on ${curve}, ${who}, from the call to the result`, "ms", values));
    }
  }
  return figures;
}
