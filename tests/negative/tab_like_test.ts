/**
 * Tabs, by virtual time: one that is interrupted, frozen, sleeps or goes away, at every station of a session. One end at
 * each peer, nobody blamed, nobody else missed, nothing half there, and the next session works.
 * @module
 */
import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import { retryLast } from "../../src/limits.ts";
import { watchTab } from "../../src/node/tab_life.ts";
import { shareVault } from "../../src/worker/vault.ts";
import type { Cluster } from "../sim/cluster.ts";
import { assertWorks, terminalOf } from "./honest.ts";
import { Scene, type Seen } from "./scene.ts";
import { Page } from "./tab_like.ts";

const all = ["alice", "bob", "carol"];
/** Peers in pages; what happens, happens to Bob. */
const tabs = new Set(["bob", "carol"]);
/** The others hang up on a page that has not answered for so long, ms. */
const hangUpAfter = 15_000;

/** A cluster of two tabs and a node that has an address. */
class Tabs implements AsyncDisposable {
  scene!: Scene;
  readonly pages = new Map<string, Page>();
  readonly lifecycle = new EventTarget();
  #watching: Disposable | null = null;
  /** When Bob's page runs again, by the clock. */
  awake = 0;
  /** Told of what Bob tells of himself. */
  told: (event: NodeEvent) => void = () => {};

  static async start(): Promise<Tabs> {
    const here = new Tabs();
    let cluster: Cluster;
    let page: Page;
    here.scene = await Scene.start({
      threshold: 3,
      made: (made) => void (cluster = made),
      carry: () => ({ bytes }) => [{ bytes, afterMs: 5 }],
      // Asked for before the node's other parts, with the clock that ends with its process.
      vault(identity, random, clock) {
        page = new Page(clock);
        const { peer } = identity;
        return shareVault({ secrets: identity.secrets(), peer, random, clock: page.clock });
      },
      node(name) {
        here.pages.set(name, page);
        if (!tabs.has(name)) return {};
        return { clock: page.clock, transport: page.transport(cluster.network.transport()) };
      },
      told(name, event) {
        if (name === "bob" && "peer" in event && event.peer === here.scene?.peer("bob")) here.told(event);
      },
    });
    here.watch();
    return here;
  }

  get bob(): Page {
    return this.pages.get("bob")!;
  }

  /** As the page's own program does. */
  watch(): void {
    this.#watching?.[Symbol.dispose]();
    const { lifecycle } = this;
    this.#watching = watchTab(this.scene.node("bob"), {
      clock: this.bob.clock,
      page: new EventTarget(),
      lifecycle,
    });
  }

  /** Nothing of Bob's page runs for `ms`. */
  stands(ms: number): void {
    const { clock, cluster } = this.scene;
    const page = this.bob;
    page.freeze();
    this.awake = clock.monotonic() + ms;
    if (ms > hangUpAfter) {
      clock.timer(hangUpAfter, () => {
        for (const name of ["alice", "carol"]) {
          cluster.network.cut(this.scene.peer("bob"), this.scene.peer(name));
        }
      });
    }
    clock.timer(ms, () => page.resume());
  }

  /** Bob's page is closed, and opened again after `ms`. */
  gone(ms: number): void {
    this.bob.freeze();
    this.scene.cluster.kill("bob");
    this.scene.clock.timer(ms, () => void this.scene.cluster.boot("bob").then(() => this.watch()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching?.[Symbol.dispose]();
    await this.scene[Symbol.asyncDispose]();
  }
}

const mishaps: Readonly<Record<string, (tabs: Tabs) => void>> = {
  "is interrupted": ({ scene }) => scene.node("bob").interrupt(),
  "is frozen for 4 s, and told before": (tabs) => {
    tabs.lifecycle.dispatchEvent(new Event("freeze"));
    tabs.stands(4_000);
  },
  "stands still for 1 s": (tabs) => tabs.stands(1_000),
  "sleeps for 8 s": (tabs) => tabs.stands(8_000),
  "sleeps for 60 s": (tabs) => tabs.stands(60_000),
  "is closed, and opened after 3 s": (tabs) => tabs.gone(3_000),
};

/** Where in a session an event stands. Null: nowhere that another event does not stand too. */
function station(event: NodeEvent): string | null {
  switch (event.type) {
    case "phase":
      return event.phase;
    case "round":
      return event.state === "begun" ? event.round : null;
    case "heard":
      return `heard in ${event.round}`;
    case "key":
      return `key ${event.state}`;
    case "began":
    case "proposed":
      return event.type;
    default:
      return null;
  }
}

async function judge({ scene, awake }: Tabs, seen: Seen, where: string): Promise<void> {
  await scene.clock.pass(Math.max(10_000, awake - scene.clock.monotonic())); // who was let in late ends late
  // Of a session that is not open everywhere yet, one may have heard and wait for one who has not.
  const someOpening = all.some((name) => {
    const end = seen.view(name).at(-1);
    return name !== "bob" && end?.type === "failed" && end.phase === "opening";
  });
  for (const name of all) {
    const view = seen.view(name);
    if (view.length === 0 || !scene.cluster.nodes.has(name)) continue;
    const end = terminalOf(seen, name);
    if (end.type === "done") continue;
    assert.deepEqual(end.culprits, [], `${where}: ${name} blames nobody`);
    assert.notEqual(end.code, "internal", where);
    if (name === "bob" || someOpening) continue;
    const missing = end.missing.map((peer) => scene.nameOf(peer));
    assert.deepEqual(missing.filter((peer) => peer !== "bob"), [], `${where}: ${name}, ${end.code}`);
  }
  await scene.clock.pass(1_000);
  await scene.cluster.linked(120_000);
  await scene.clock.pass(retryLast); // so seldom a pending key is asked after
  const states = await Promise.all(
    all.map(async (name) =>
      (await scene.node(name).keys()).map(({ wallet, state }) => `${wallet} ${state}`).sort()
    ),
  );
  assert.deepEqual(states[1], states[0], `${where}: the same keys at Bob`);
  assert.deepEqual(states[2], states[0], `${where}: the same keys at Carol`);
  assert.ok(states[0]!.every((state) => state.endsWith(" active")), `${where}: ${states[0]}`);
  const next = await scene.sign(all);
  assert.ok(next.value, `${where}: the next one: ${next.error?.code}`);
}

for (const [what, happen] of Object.entries(mishaps)) {
  for (const kind of ["sign", "generate"] as const) {
    Deno.test(`${kind}() with a tab that ${what}, at any station, ends once at each peer, blames nobody and leaves nothing`, async () => {
      await using tabs = await Tabs.start();
      const { scene } = tabs;
      for (const by of kind === "sign" ? ["alice", "bob"] : ["alice"]) {
        const act = (): Promise<Seen> =>
          kind === "sign" ? scene.sign(all, { by }) : scene.generate(undefined, 2, { by });
        const stations = new Set<string>();
        const about = (event: NodeEvent) => event.type === "key" || ("kind" in event && event.kind === kind);
        tabs.told = (event) => {
          const at = about(event) ? station(event) : null;
          if (at !== null) stations.add(at);
        };
        assert.ok((await act()).value, "undisturbed it works");
        assert.ok(stations.size >= 5, [...stations].join());
        for (const at of stations) {
          let happened = false;
          tabs.told = (event) => {
            if (happened || !about(event) || station(event) !== at) return;
            happened = true;
            happen(tabs);
          };
          const seen = await act();
          assert.ok(happened, `It came to “${at}”`);
          assert.ok(
            seen.error === null || "code" in seen.error || what.includes("closed"),
            `${at}: ${seen.error}`,
          );
          tabs.told = () => {};
          await judge(tabs, seen, `${by} asks, ${at}`);
        }
      }
      await assertWorks(scene);
    });
  }
}
