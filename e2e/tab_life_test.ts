/**
 * What happens to tabs, in the middle of each round: closed, frozen, stopped, cut off. The others say who is missing,
 * nobody is blamed, nothing is half there, and the next signature is made.
 * @module
 */
import assert from "node:assert/strict";

import { formatRoster, signRoster } from "../src/cluster/roster.ts";
import { type Curve, isTerminal, type NodeEvent } from "../src/events.ts";
import type { FailureCode } from "../src/failure.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform.ts";
import { roundsOf } from "../src/protocol/catalogue.ts";
import { voteRound } from "../src/session/control.ts";
import { openBrowser } from "./chromium.ts";
import { freePort } from "./folders.ts";
import { HeldPeer } from "./held_peer.ts";
import { poll } from "./killed_peer.ts";
import { serveTabPeer, type SignedWith, TabPeer } from "./tab_peers.ts";

/** A round ends after a third of it: long for tabs of a busy machine, short for a test that waits for its end. */
const limits = { signMs: 9_000, generateMs: 9_000 };

/**
 * Whoever is gone is missed within this time, ms, long before any round ends. 250 where the machine is idle; here three
 * peers, their browser and other tests share it, and closing a page takes its time too.
 */
const soon = 2_000;

interface Scene {
  /** What happens, happens to this one. */
  ada: TabPeer;
  ben: TabPeer;
  deno: HeldPeer;
  peers: readonly string[];
  /** Of all three. */
  keys: Readonly<Record<Curve, SignedWith>>;
  roster: string;
}

async function withScene(curves: readonly Curve[], run: (scene: Scene) => Promise<void>): Promise<void> {
  await using site = await serveTabPeer();
  const browser = await openBrowser();
  try {
    const open = (name: string) => TabPeer.open(browser, site.url, name);
    const [ada, ben] = await Promise.all([open("Ada"), open("Ben")]);
    const [identity, admin] = [await newIdentity(platformRandom), await newIdentity(platformRandom)];
    const addresses = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
    const rights = ["holder", "initiator"] as const;
    const third = { peer: identity.peer, name: "Deno", addresses, rights };
    const signed = await signRoster(admin, [third, ada.entry, ben.entry], null);
    const roster = formatRoster(signed);
    await using deno = await HeldPeer.start({ identity, roster: signed, limits });
    await Promise.all([ada, ben].map((tab) => tab.start({ roster, limits })));
    const peers = [ada.peer, ben.peer, deno.peer];
    await ada.linked([ben.peer, deno.peer]);
    await ben.linked([ada.peer, deno.peer]);
    await ada.direct(ben.peer);
    const keys: Partial<Record<Curve, SignedWith>> = {};
    for (const curve of curves) {
      const publicKey = await ben.generate("treasury", curve, 3, peers);
      keys[curve] = { wallet: "treasury", curve, publicKey };
    }
    await run({ ada, ben, deno, peers, keys: keys as Scene["keys"], roster });
    assert.deepEqual([...ada.complaints, ...ben.complaints], []);
  } finally {
    await browser.close();
  }
}

/** Something that happens to a tab, and how it comes back from it. */
interface Mishap {
  befalls(tab: TabPeer): Promise<unknown>;
  recovers(tab: TabPeer, scene: Scene): Promise<unknown>;
  /** What the others say, first hand. */
  codes: readonly FailureCode[];
  /** What the tab itself says, if it lives to say something. */
  own?: readonly FailureCode[];
}

const closed: Mishap = {
  befalls: (tab) => tab.page.close(),
  async recovers(tab, { roster }) {
    await tab.reopen();
    await tab.start({ roster, limits });
  },
  codes: ["peer-left"],
};

/**
 * What Chromium does to a page that it freezes: `freeze` is told, and then nothing runs any more. It freezes hidden pages
 * only, and without a screen no page is hidden: so its debugger stops this one, in the very task that tells it.
 */
const frozen: Mishap = {
  async befalls(tab) {
    await tab.devtools.send("Debugger.enable");
    const stands = new Promise((resolve) => tab.devtools.once("Debugger.paused", resolve));
    void tab.page.evaluate("document.dispatchEvent(new Event('freeze')); debugger;");
    await stands;
  },
  recovers: (tab) => resumed(tab),
  codes: ["round-timeout"],
  own: ["suspended"],
};

/** All of its scripts stand still, and nobody tells it: a debugger, or a machine that sleeps. */
const paused: Mishap = {
  async befalls(tab) {
    await tab.devtools.send("Debugger.enable");
    const stands = new Promise((resolve) => tab.devtools.once("Debugger.paused", resolve));
    await tab.devtools.send("Debugger.pause");
    await stands;
  },
  recovers: (tab) => resumed(tab),
  codes: ["round-timeout"],
  // Its worker did not stand still, and waited for the others in vain: their words were at the page.
  own: ["suspended", "round-timeout", "aborted-by-peer", "peer-left"],
};

async function resumed({ devtools }: TabPeer): Promise<void> {
  await devtools.send("Debugger.resume");
  await devtools.send("Debugger.disable");
}

/** All its sockets and WebRTC connections are gone at once; it makes them anew by itself. */
const cut: Mishap = {
  befalls: (tab) => tab.ask("cut"),
  async recovers(_tab, { ben, peers }) {
    // A link that is up may be one whose end nobody has seen yet: who asks too early is told so, and asks again.
    await poll("a signature", async () => {
      const id = await ben.ask("sign", "treasury", "ed25519", "again", peers);
      const outcome = await ben.ask("outcome", id);
      if ("code" in outcome) assert.deepEqual(outcome.culprits, [], JSON.stringify(outcome));
      return "bytes" in outcome;
    });
  },
  codes: ["peer-left"],
  own: ["peer-left"],
};

const over = (story: readonly NodeEvent[]) => story.some(isTerminal);

/**
 * One terminal event, the last; of a failure: nobody is blamed, and nobody but Ada is missed.
 *
 * @param pending Who is missed where the key may yet come to be.
 */
function endOf(scene: Scene, story: readonly NodeEvent[], { codes }: Mishap, pending: readonly string[]) {
  const end = story.at(-1)!;
  assert.equal(story.filter(isTerminal).length, 1);
  assert.ok(isTerminal(end), `it told ${JSON.stringify(end)} after its end`);
  if (end.type === "done") return end;
  assert.deepEqual(end.culprits, [], JSON.stringify(end));
  if (end.code === "wallet-pending") {
    assert.deepEqual(end.missing, pending);
    return end;
  }
  const only = (peers: readonly string[]) => peers.every((peer) => peer === scene.ada.peer);
  assert.ok(only(end.missing), JSON.stringify(end));
  if (end.code === "aborted-by-peer") {
    for (const { by, code, peers } of end.claims) {
      const byAda = by === scene.ada.peer;
      assert.ok(only(peers) || byAda, JSON.stringify(end));
      const says: FailureCode[] = byAda ? ["suspended", "shutdown"] : [...codes, "aborted-by-peer"];
      assert.ok(says.includes(code), JSON.stringify(end));
    }
  } else {
    assert.ok(codes.includes(end.code), JSON.stringify(end));
    assert.deepEqual(end.missing, [scene.ada.peer], JSON.stringify(end));
  }
  return end;
}

/** Lets it happen while everyone waits for Deno's word in `round`. @returns ms until each of the others knew. */
async function mishapIn(
  scene: Scene,
  mishap: Mishap,
  { round, begin, pending = [] }: {
    round: string;
    begin: () => Promise<string>;
    pending?: readonly string[];
  },
): Promise<{ ends: ReturnType<typeof endOf>[]; ms: number[] }> {
  const { ada, ben, deno } = scene;
  deno.hold(round);
  const id = await begin();
  await deno.holding();
  const inRound = (story: readonly NodeEvent[]) =>
    round === voteRound
      ? story.some((event) => event.type === "phase" && event.phase === "committing")
      : story.some((event) => event.type === "round" && event.round === round && event.state === "begun");
  await Promise.all([ada.story(id, inRound), ben.story(id, inRound)]);
  const at = Date.now();
  await mishap.befalls(ada);
  deno.letGo();
  const stories = await Promise.all([ben.story(id, over), deno.story(id, over)]);
  const ends = stories.map((story) => endOf(scene, story, mishap, pending));
  await mishap.recovers(ada, scene);
  if (mishap.own) {
    const story = await ada.story(id, over);
    const end = story.at(-1)!;
    assert.equal(story.filter(isTerminal).length, 1);
    if (end.type === "failed") {
      assert.deepEqual(end.culprits, []);
      assert.ok(
        [...mishap.own, ...pending.length > 0 ? ["wallet-pending"] : []].includes(end.code),
        JSON.stringify(end),
      );
    }
  }
  return { ends, ms: ends.map((end) => end.at - at) };
}

async function whole({ ada, ben, deno }: Scene): Promise<void> {
  await ada.linked([ben.peer, deno.peer]);
  await ben.linked([ada.peer, deno.peer]);
  await deno.linked([ada.peer, ben.peer]);
}

/** All three know the same of a wallet: it is active, or it is not. */
async function agreed({ ada, ben, deno }: Scene, wallet: string): Promise<string> {
  let states: string[] = [];
  await poll(`agreement on “${wallet}”`, async () => {
    const all = [await ada.ask("keys"), await ben.ask("keys"), await deno.node.keys()];
    states = all.map((keys) => keys.find((key) => key.wallet === wallet)?.state ?? "none");
    return states.every((state) => state === states[0] && state !== "pending");
  }).catch((error) => {
    throw new Error(`${error.message}: ${states}`);
  });
  return states[0]!;
}

function lives(name: string, mishap: Mishap, curves: readonly Curve[], generates: readonly Curve[]): void {
  const test = `a tab that is ${name}, whatever the round, is missed and not blamed, and signs on`;
  // A libp2p node of this process keeps timers of its own.
  Deno.test({ name: test, sanitizeOps: false, sanitizeResources: false }, async (t) => {
    await withScene(curves, async (scene) => {
      const { ben, peers, keys } = scene;
      for (const curve of curves) {
        const rounds = Object.keys(roundsOf("sign", curve));
        for (const round of rounds.slice(0, -1)) {
          await t.step(`sign on ${curve}, ${round}`, async () => {
            const begin = () => ben.ask("sign", "treasury", curve, round, peers);
            const { ends, ms } = await mishapIn(scene, mishap, { round, begin });
            for (const end of ends) assert.equal(end.type, "failed");
            if (mishap.codes[0] === "peer-left") assert.ok(Math.max(...ms) < soon, `after ${ms} ms`);
            await whole(scene);
            await ben.sign(keys[curve], "the next one", peers);
          });
        }
      }
      for (const curve of generates) {
        const rounds = Object.keys(roundsOf("generate", curve));
        for (const round of [...rounds, voteRound]) {
          await t.step(`generate on ${curve}, ${round}`, async () => {
            const wallet = `${name} in ${round.replace("/", "")}`;
            const begin = () => ben.ask("generate", wallet, curve, 2, peers);
            // Who has all votes is done, and does not say its own any more: from the others' side it is Deno who left.
            const pending = round === rounds.at(-1)
              ? [scene.ada.peer]
              : round === voteRound
              ? [scene.deno.peer]
              : [];
            await mishapIn(scene, mishap, { round, begin, pending });
            await whole(scene);
            const state = await agreed(scene, wallet);
            if (pending.length === 0) assert.equal(state, "none");
            if (round === voteRound) assert.equal(state, "active");
            await ben.sign(keys[curves[0]!], "the next one", peers);
          });
        }
      }
    });
  });
}

lives("closed", closed, ["ed25519", "secp256k1"], ["ed25519"]);
lives("frozen", frozen, ["ed25519", "secp256k1"], ["ed25519"]);
lives("paused", paused, ["ed25519"], []);
lives("cut off", cut, ["ed25519", "secp256k1"], []);
