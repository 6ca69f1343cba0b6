import assert from "node:assert/strict";
import { type Cheat, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { abortsWith } from "../../src/demo/cheats/session_cheats.ts";
import type { Element } from "../../src/crypto/group.ts";
import { drawPolynomial } from "../../src/crypto/feldman.ts";
import { proveDlog } from "../../src/crypto/dlog_proof.ts";
import type { Task } from "../../src/ports.ts";
import { hashOfDealing, promiseOf, resharings } from "../../src/protocol/deal_messages.ts";
import { constantTerms, placeInParty, resharing } from "../../src/protocol/dealing.ts";
import { seededRandom } from "../sim/cluster.ts";
import { assertFails } from "./honest.ts";
import {
  after,
  assertCaughtIn,
  assertSigns,
  before,
  cheatIn,
  everyone,
  handOver,
  withTreasury,
} from "./reshare_scene.ts";

const suite = resharings.ed25519;
const { group, firstRound, rounds: { reveal, deal, confirm } } = suite;
const random = seededRandom("rogue resharer");
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);
type Reshare = Task & { kind: "reshare" };

/** A dealer that promises another polynomial than it drew, and opens what it promised. */
function rogue(
  name: string,
  polynomialOf: (term: Element, others: Element[]) => { polynomial: Element[]; secret: bigint | null },
): Cheat {
  let opening: { polynomial: Element[]; chainCode: Uint8Array; salt: Uint8Array };
  let secret: bigint | null, place: number;
  const cheat = cheatIn(name, "invalid-commitment", (sent) => [sent]);
  return {
    ...cheat,
    firstRound(task) {
      const dealing = resharing((task as Reshare).key, task as Reshare);
      place = placeInParty(dealing, task.self);
      const term = constantTerms(group, dealing)!.get(task.self)!;
      const others = [5n, 6n, 7n].map(group.multiplyBase);
      const drawn = polynomialOf(term, others);
      secret = drawn.secret;
      opening = { polynomial: drawn.polynomial, chainCode: new Uint8Array(), salt: random(32) };
      const promise = promiseOf(suite, task.attempt, place, opening);
      return firstRound.encode({ promise, dealing: hashOfDealing("ed25519", dealing)! });
    },
    wrap(wire, about) {
      const context = { scheme: "ed25519", session: about.session, identifier: place };
      const [statement] = opening.polynomial;
      const shown = secret === null
        ? null
        : proveDlog(group, { secret, statement: statement!, context, random });
      return cheatIn(
        name,
        "invalid-commitment",
        (sent) =>
          sent.round === "reveal"
            ? [withPayload(sent, reveal.codec, (r) => ({ ...opening, proof: shown ?? r!.proof }))]
            : [sent],
      ).wrap(wire, about, {} as never);
    },
  };
}

const named = (code: "invalid-commitment" | "malformed-message" | "invalid-confirmation", round: string) => ({
  code,
  culprits: ["bob"],
  phase: "exchanging" as const,
  key: "safe" as const,
  round,
});

Deno.test("reshare() names the dealer of another constant term, who is consistent in all else", async () => {
  await using scene = await withTreasury();
  using drawn = drawPolynomial(group, 2, random);
  const other = rogue("other secret", () => ({ polynomial: [...drawn.commitment], secret: drawn.secret }));
  await assertCaughtIn(scene, "bob", other, named("invalid-commitment", "reveal"));
});

for (const [what, count] of [["raises", 2], ["lowers", 0]] as const) {
  Deno.test(`reshare() names the dealer who ${what} the threshold, with the right constant term`, async () => {
    await using scene = await withTreasury();
    const cheat = rogue(
      what,
      (term, others) => ({ polynomial: [term, ...others.slice(0, count)], secret: null }),
    );
    await assertCaughtIn(scene, "bob", cheat, named("invalid-commitment", "reveal"));
  });
}

Deno.test("reshare() names at every peer who dealt one bad share to one of them", async () => {
  await using scene = await withTreasury();
  const dave = scene.peer("dave");
  const cheat = cheatIn(
    "bad share",
    "invalid-dealt-share",
    (sent) =>
      sent.round === "deal" && sent.to === dave
        ? [withPayload(sent, deal.codec, (m) => ({ share: group.reduce(m!.share + 1n) }))]
        : [sent],
  );
  await assertCaughtIn(scene, "bob", cheat, { code: "invalid-dealt-share", culprits: ["bob"], key: "safe" });
});

Deno.test("reshare() names who tells two stories: at whom it fooled, and at who hears of both", async () => {
  await using scene = await withTreasury();
  const dave = scene.peer("dave");
  const cheat = cheatIn(
    "two stories",
    "equivocation",
    (sent) =>
      sent.round === "reveal" && sent.to === dave
        ? [withPayload(sent, reveal.codec, (r) => ({ ...r!, salt: flip(r!.salt) }))]
        : [sent],
  );
  await assertCaughtIn(scene, "bob", cheat, (name) => ({
    code: name === "dave" ? "invalid-commitment" : "equivocation",
    culprits: ["bob"],
    key: "safe",
  }));
});

Deno.test("reshare() names who confirms another outcome, be it dealer, recipient or witness", async () => {
  for (const cheater of ["bob", "dave", "carol"]) {
    await using scene = await withTreasury();
    const cheat = cheatIn(
      "other outcome",
      "invalid-confirmation",
      (sent) =>
        sent.round === "confirm"
          ? [withPayload(sent, confirm.codec, ({ outcome }) => ({ outcome: flip(outcome) }))]
          : [sent],
    );
    const ends = { ...named("invalid-confirmation", "confirm"), culprits: [cheater] };
    await assertCaughtIn(scene, cheater, cheat, ends);
  }
});

Deno.test("reshare() names who fills what is empty: a promise, an opening, a share of a witness", async () => {
  const share = deal.codec.encode({ share: 5n });
  const filled: [Cheat, string | null][] = [
    [
      cheatIn(
        "deals",
        "malformed-message",
        (sent) => sent.round === "deal" ? [withPayload(sent, raw, () => share)] : [sent],
      ),
      "deal",
    ],
    [
      cheatIn(
        "reveals",
        "malformed-message",
        (sent) => sent.round === "reveal" ? [withPayload(sent, raw, () => someReveal)] : [sent],
      ),
      "reveal",
    ],
    [{
      ...cheatIn("promises", "malformed-message", (sent) => [sent]),
      firstRound: (_task, honest) =>
        firstRound.encode({ dealing: firstRound.decode(honest).dealing!, promise: new Uint8Array(32) }),
    }, null],
  ];
  for (const [cheat, round] of filled) {
    await using scene = await withTreasury();
    await assertCaughtIn(scene, "carol", cheat, { code: "malformed-message", culprits: ["carol"], round });
  }
});

Deno.test("reshare() names at every member of the epoch who states another resharing, and at a new peer nobody", async () => {
  for (const liar of ["bob", "carol", "dave"]) {
    await using scene = await withTreasury();
    const lie: Cheat = {
      ...cheatIn("other resharing", "invalid-confirmation", (sent) => [sent]),
      firstRound(_task, honest) {
        const { promise, dealing } = firstRound.decode(honest);
        return firstRound.encode({ promise, dealing: flip(dealing!) });
      },
    };
    await assertCaughtIn(
      scene,
      liar,
      lie,
      (name) =>
        before.includes(name)
          ? { code: "invalid-confirmation", culprits: [liar], key: "safe", round: null }
          : { code: "session-mismatch", key: "safe", round: null },
    );
  }
});

/** A payload as it is on the wire. */
const raw = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes };
const [G] = [5n].map(group.multiplyBase);
const someReveal = reveal.codec.encode({
  polynomial: [G!, G!],
  chainCode: new Uint8Array(),
  salt: new Uint8Array(32),
  proof: { commitment: G!, response: 5n },
});

Deno.test("reshare() believes no complaint without a share to show: nobody is guilty, and the key is as it was", async () => {
  await using scene = await withTreasury();
  const lie = abortsWith({ from: "deal", code: "invalid-dealt-share", peers: [scene.peer("bob")] });
  scene.arm("dave", { ...lie, kinds: ["reshare"] });
  const seen = await handOver(scene);
  for (const name of before) {
    const claims = [{ by: "dave", code: "invalid-dealt-share" as const, peers: ["bob"] }];
    assertFails(scene, seen, name, { code: "aborted-by-peer", claims, key: "safe" });
  }
  await assertSigns(scene, before, 1);
});

for (const round of ["reveal", "deal", "confirm"]) {
  Deno.test(`reshare() finds missing, and blames for nothing, a witness that is silent from round ${round} on`, async () => {
    await using scene = await withTreasury();
    let over = false;
    const cheat = cheatIn("silent", "round-timeout", (sent) => {
      over ||= sent.round === round;
      return over ? [] : [sent];
    });
    await assertCaughtIn(scene, "carol", cheat, {
      code: "round-timeout",
      missing: ["carol"],
      round,
      key: "safe",
    });
  });
}

Deno.test("reshare() deals to every peer by its own roles", async () => {
  await using scene = await withTreasury();
  const { value, view } = await handOver(scene);
  assert.equal(value?.epoch, 2);
  assert.deepEqual(value!.members, scene.inOrder(after).map((name) => scene.peer(name)));
  for (const name of everyone) assert.equal(view(name).at(-1)?.type, "done", name);
});
