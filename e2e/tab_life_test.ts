/**
 * What happens to tabs, in the middle of a round: closed, crashed, frozen, stopped, offline. The others say in time
 * who is missing, nobody is blamed, nothing is half there, and the next signature is made. Some rounds of each;
 * `QUORATE_TABS=all` (`deno task tabs`) has all of them.
 * @module
 */
import assert from "node:assert/strict";
import type { Done, Failure, NodeEvent, Scheme, SessionEvent } from "../src/events.ts";
import { schemes } from "../src/schemes/schemes.ts";
import { voteRound } from "../src/session/control.ts";
import { poll } from "./killed_process.ts";
import { closed, crashed, frozen, type Mishap, offline, stopped } from "./mishaps.ts";
import { assertInTime, assertMissed, endOf, over } from "./tab_ends.ts";
import { agreed, reopened, type Scene, together, withScene } from "./tab_scene.ts";

const isIn = (round: string) => (story: readonly NodeEvent[]) =>
  story.some((event) => event.type === "round" && event.round === round && event.state === "begun");
/** Whether that peer's word of a round has come. */
const hasHeard = (round: string, from: string) => (story: readonly NodeEvent[]) =>
  story.some((event) => event.type === "heard" && event.round === round && event.from === from);
const isVoting = (story: readonly NodeEvent[]) =>
  story.some((event) => event.type === "phase" && event.phase === "committing");

/** Lets it happen while everyone waits for Deno's word in `round`. @returns How it ended for each of the others. */
async function mishapIn(
  scene: Scene,
  mishap: Mishap,
  { round, last, begin, pending = [], isSaid = false }: {
    round: string;
    last: string;
    begin: () => Promise<string>;
    pending?: readonly string[];
    /** Whether it happens to Ada after the others have her word of the round. */
    isSaid?: boolean;
  },
): Promise<(Done | Failure)[]> {
  const { ada, ben, deno } = scene;
  // A vote that all wait for is Ben's: he has not heard Deno's last word before it.
  const voting = round === voteRound;
  deno.hold(voting ? last : round, voting ? ben.peer : undefined);
  const id = await begin();
  await deno.holding();
  await Promise.all([
    ben.story(id, isIn(voting ? last : round)),
    ...[ada, deno].map((peer) => peer.story(id, voting ? isVoting : isIn(round))),
  ]);
  if (isSaid) await Promise.all([ben, deno].map((peer) => peer.story(id, hasHeard(round, ada.peer))));
  if (voting) {
    const pending = async () => (await ada.ask("keys")).some(({ state }) => state === "pending");
    await poll("Ada's share to be on disk", pending);
    await ada.sign(scene.keys.ed25519, "her vote is out before this", scene.peers);
  }
  const at = Date.now();
  const recovers = await mishap.befalls(scene);
  let stories: SessionEvent[][];
  try {
    deno.letGo();
    stories = await Promise.all([ben.story(id, over), deno.story(id, over)]);
  } finally {
    await recovers();
  }
  for (const story of stories) assertMissed(endOf(story), ada.peer, mishap, pending);
  assertInTime(stories, at, mishap);
  if (mishap.own) {
    const end = endOf(await ada.story(id, over));
    const own = [...mishap.own, ...pending.length > 0 ? ["wallet-pending"] : []];
    if (end.type === "failed") assert.ok(own.includes(end.code), JSON.stringify(end));
  }
  await together(scene);
  return stories.map(endOf);
}

/**
 * A signature begun by Ben comes to nothing, unless Ada's share is out in the round in which it happens; and the next one
 * is made.
 */
async function signsOn(scene: Scene, mishap: Mishap, scheme: Scheme, round: string): Promise<void> {
  const { ben, peers, keys } = scene;
  const begin = () => ben.ask("sign", "treasury", scheme, round, peers);
  const last = Object.keys(schemes[scheme].signing(1).rounds).at(-1)!;
  const ends = await mishapIn(scene, mishap, { round, last, begin, isSaid: round === last });
  for (const end of ends) assert.equal(end.type, round === last ? "done" : "failed", JSON.stringify(end));
  await ben.sign(keys[scheme], "the next one", peers);
}

/** A key generation begun by Ben comes to a key at all three, which signs, or to none. @returns Whether it did. */
async function makesAll(
  scene: Scene,
  mishap: Mishap,
  { wallet, scheme, round }: { wallet: string; scheme: Scheme; round: string },
): Promise<boolean> {
  const { ada, ben, peers, keys } = scene;
  const begin = () => ben.ask("generate", wallet, scheme, 2, peers);
  const last = Object.keys(schemes[scheme].generating.rounds).at(-1)!;
  // Whoever voted waits for Ada, and for Ben too, who may have missed her before his own vote.
  const pending = round === last || round === voteRound ? [ada.peer, ben.peer] : [];
  const ends = await mishapIn(scene, mishap, { round, last, begin, pending });
  const key = await agreed(scene, wallet, scheme);
  if (pending.length === 0) {
    for (const end of ends) assert.equal(end.type, "failed");
    assert.equal(key, null);
  }
  if (ends.some(({ type }) => type === "done")) assert.ok(key);
  if (key) await ben.sign(key, "the first one", [ada.peer, ben.peer]);
  await ben.sign(keys[scheme], "the next one", peers);
  return key !== null;
}

/** In which rounds something happens, of each command and scheme. */
interface Life {
  name: string;
  mishap: Mishap;
  sign: Partial<Record<Scheme, readonly string[]>>;
  generate: Partial<Record<Scheme, readonly string[]>>;
}

/**
 * The last round of a signature is none to be missed in: whoever has all shares has the signature. An Ed25519 signature
 * has no other.
 */
const signing = {
  ed25519: Object.keys(schemes.ed25519.signing(1).rounds),
  ecdsa: Object.keys(schemes.ecdsa.signing(1).rounds).slice(0, -1),
};
const generating = {
  ed25519: [...Object.keys(schemes.ed25519.generating.rounds), voteRound],
  ecdsa: [...Object.keys(schemes.ecdsa.generating.rounds), voteRound],
};
/** Who is silent is waited for: that happens in fewer rounds, and not in those of ECDSA keys, ten seconds each. */
const all: readonly Life[] = [
  { name: "closed", mishap: closed, sign: signing, generate: generating },
  { name: "crashed", mishap: crashed, sign: { ed25519: ["share"] }, generate: { ecdsa: ["offer"] } },
  { name: "frozen", mishap: frozen, sign: signing, generate: generating },
  {
    name: "stopped",
    mishap: stopped,
    sign: { ed25519: ["share"], ecdsa: ["extend"] },
    generate: {},
  },
  {
    name: "offline",
    mishap: offline,
    sign: signing,
    generate: { ed25519: ["reveal", "deal", voteRound], ecdsa: [voteRound] },
  },
];

/** Rounds in which the same happens in the other scheme, or in the round before or after. */
const left: Record<string, Pick<Life, "sign" | "generate">> = {
  closed: { sign: {}, generate: { ed25519: ["reveal", "confirm"], ecdsa: ["deal"] } },
  offline: { sign: { ecdsa: ["correct"] }, generate: { ed25519: ["reveal"] } },
};

/** What `deno task test` has: all but what is left to the other. */
const some = all.map(({ name, mishap, ...rounds }): Life => {
  const without = (of: "sign" | "generate") =>
    Object.fromEntries(
      Object.entries(rounds[of]).map(([scheme, names]) => [
        scheme,
        names.filter((round) => !left[name]?.[of][scheme as Scheme]?.includes(round)),
      ]),
    );
  return { name, mishap, sign: without("sign"), generate: without("generate") };
});
const lives = { some, all }[Deno.env.get("QUORATE_TABS") ?? "some"];

Deno.test({
  name:
    "a tab that is closed, crashed, frozen, stopped or offline, whatever the round, is missed and not blamed, makes whole keys or none, and signs on",
  // A libp2p node of this process keeps timers of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    assert.ok(lives, "expected QUORATE_TABS to be some or all");
    await withScene(async (scene) => {
      const step = async (name: string, act: () => Promise<void>) => {
        assert.ok(await t.step(name, act), `what follows needs: ${name}`);
      };
      for (const { name, mishap, sign, generate } of lives) {
        if (mishap.prepare) {
          await step(`${name}: the tab is opened for that`, async () => {
            await scene.ada.page.close();
            await reopened(scene, mishap.prepare);
            await together(scene);
            await scene.ada.direct(scene.ben.peer);
          });
        }
        for (const [scheme, rounds] of Object.entries(sign) as [Scheme, string[]][]) {
          for (const round of rounds) {
            await step(`${name}: sign on ${scheme}, ${round}`, () => signsOn(scene, mishap, scheme, round));
          }
        }
        for (const [scheme, rounds] of Object.entries(generate) as [Scheme, string[]][]) {
          // For as long as there is no key of it, every try is one for the same name; the last is let be.
          let made = 0;
          const wallet = () => `${name} ${made}`;
          for (const round of rounds) {
            await step(`${name}: generate on ${scheme}, ${round}`, async () => {
              if (await makesAll(scene, mishap, { wallet: wallet(), scheme, round })) made++;
            });
          }
          if (made > 0) continue;
          await step(`${name}: generate on ${scheme}, and nothing happens`, async () => {
            const { ada, ben, peers } = scene;
            const publicKey = await ben.generate(wallet(), scheme, 2, peers);
            const key = await agreed(scene, wallet(), scheme);
            assert.equal(key?.publicKey, publicKey);
            await ben.sign(key, "the first one", [ada.peer, ben.peer]);
          });
        }
      }
    });
  },
});
