import assert from "node:assert/strict";
import { groups } from "../../src/crypto/group.ts";
import { type Cheat, type Outgoing, sending, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import {
  badDealtShare,
  rogueDealer,
  wrongConfirmation,
  wrongOpening,
  wrongProof,
} from "../../src/demo/cheats/dealer_cheats.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import { generating, type Reveal } from "../../src/protocol/deal_messages.ts";
import { seededRandom } from "../sim/cluster.ts";
import { assertCaught, assertFails, assertWorks, type Ends, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const random = seededRandom("rogue");
const { firstRound, rounds: { reveal } } = generating.ed25519;
const scalars = (count: number) => Array.from({ length: count }, (_, i) => BigInt(i + 2));

function caught(name: string, cheat: Cheat, ends: Omit<Ends, "culprits">): void {
  Deno.test(`generateKey() names ${name}`, async () => {
    await using scene = await Scene.start();
    await assertCaught(scene, "bob", cheat, () => scene.generate(), {
      culprits: ["bob"],
      phase: "exchanging",
      key: "no-key",
      ...ends,
    });
  });
}

caught("who opens another commitment than promised", wrongOpening, {
  code: "invalid-commitment",
  round: "reveal",
});
caught("who cannot prove to know its secret", wrongProof, { code: "invalid-proof", round: "reveal" });
caught("who confirms another key", wrongConfirmation, { code: "invalid-confirmation", round: "confirm" });
caught("who sends garbage", cheats.get("garbage")!, { code: "malformed-message", round: "reveal" });

Deno.test("generateKey() names who tells two stories in the reveal round: at whom it fooled, and at who hears of both", async () => {
  await using scene = await Scene.start();
  const twoStories = cheats.get("two-stories")!;
  const fooled = scene.inOrder().find((name) => name !== "bob")!;
  const seen = await assertCaught(scene, "bob", twoStories, () => scene.generate(), (name) => ({
    code: name === fooled ? "invalid-proof" : "equivocation",
    culprits: ["bob"],
    phase: "exchanging",
    key: "no-key",
  }));
  const [other] = all.filter((name) => name !== "bob" && name !== fooled);
  const end = terminalOf(seen, other!);
  assert.ok(end.type === "failed");
  assert.equal(await scene.proof(end), "proven");
  for (const name of all.filter((name) => name !== "bob")) {
    assert.notEqual(await scene.proof({ ...end, culprits: [scene.peer(name)] }), "proven", name);
  }
});

const badCommitment = { code: "invalid-commitment", round: "reveal" } as const;
for (const [name, count] of [["raises", 3], ["raises by four", 6], ["lowers", 1]] as const) {
  const rogue = rogueDealer({ name, code: "invalid-commitment", coefficients: scalars(count), random });
  caught(`who ${name} the threshold, consistently`, rogue, badCommitment);
}
caught(
  "who deals by a polynomial without coefficients",
  rogueDealer({ name: "empty", code: "invalid-commitment", coefficients: [], random }),
  badCommitment,
);

Deno.test("generateKey() names who deals a polynomial with a root at a member", async () => {
  await using scene = await Scene.start();
  const victim = scene.inOrder().indexOf("alice") + 1;
  const coefficients = [BigInt(victim), groups.ed25519.order - 1n]; // f(x) = victim - x
  const rogue = rogueDealer({ name: "root", code: "invalid-commitment", coefficients, random });
  await assertCaught(scene, "bob", rogue, () => scene.generate(), { culprits: ["bob"], ...badCommitment });
});

Deno.test("generateKey() names at every peer who dealt one bad share to one of them", async () => {
  await using scene = await Scene.start();
  const seen = await assertCaught(scene, "bob", badDealtShare(scene.peer("alice")), () => scene.generate(), {
    code: "invalid-dealt-share",
    culprits: ["bob"],
    phase: "exchanging",
  });
  assertFails(scene, seen, "alice", { code: "invalid-dealt-share", culprits: ["bob"], round: "deal" });
});

Deno.test("generateKey() names who gives each member another part of the chain code", async () => {
  await using scene = await Scene.start();
  const alice = scene.peer("alice");
  const split = cheatOf(
    {
      name: "split-chain-code",
      label: "tell each another chain code",
      kinds: ["generate"],
      expects: { outcome: "failed", code: "equivocation", names: "culprit" },
    },
    (said) =>
      said.round === "reveal" && said.to === alice
        ? [withPayload(said, reveal.codec, (r) => ({ ...r, chainCode: random(32) }))]
        : [said],
  );
  await assertCaught(scene, "bob", split, () => scene.generate(), (name) => ({
    // Who was told the other story sees that it is not what was promised; who hears of it, that there are two.
    code: name === "alice" ? "invalid-commitment" : "equivocation",
    culprits: ["bob"],
  }));
});

Deno.test("generateKey() names who brings its proof and its polynomial from another session", async () => {
  await using scene = await Scene.start();
  let old: Reveal | null = null;
  const remember: Cheat = {
    ...wrongProof,
    name: "remember",
    wrap: (wire) =>
      sending(wire, (said) => {
        if (said.round === "reveal") withPayload(said, reveal.codec, (r) => old = r);
        return [said];
      }),
  };
  scene.arm("bob", remember);
  await scene.generate();
  const { polynomial, proof } = old! as Reveal;
  const rogue = rogueDealer({
    name: "old proof",
    code: "invalid-proof",
    coefficients: [1n, 1n],
    polynomial,
    proof,
    random,
  });
  await assertCaught(scene, "bob", rogue, () => scene.generate(), {
    code: "invalid-proof",
    culprits: ["bob"],
    round: "reveal",
  });
});

Deno.test("generateKey() names who waits for another's promise, copies it, and copies its opening", async () => {
  await using scene = await Scene.start();
  const heard = Promise.withResolvers<Outgoing>();
  // Alice is honest: what she promises and tells, bob may know. He accepts last.
  let promised: Uint8Array = new Uint8Array();
  scene.arm("alice", {
    ...cheatOf({ name: "overheard", label: "be overheard", expects: wrongOpening.expects }, (said) => {
      if (said.round === "reveal" && said.to === scene.peer("bob")) heard.resolve(said);
      return [said];
    }),
    firstRound: (_task, honest) => promised = honest,
  });
  const copies: Cheat = {
    ...wrongOpening,
    name: "copied-promise",
    firstRound: () => promised,
    wrap: (wire) => ({
      ...wire,
      verify: (statement) => wire.verify(statement),
      async send(to, round, body, audience) {
        if (round !== "reveal") return wire.send(to, round, body, audience);
        let copied: Reveal;
        withPayload(await heard.promise, reveal.codec, (theirs) => copied = theirs);
        const mine = withPayload({ to, round, body, audience }, reveal.codec, () => copied);
        wire.send(to, round, mine.body, audience);
      },
    }),
  };
  await assertCaught(scene, "bob", copies, () => scene.generate("copied", 2, { by: "alice" }), {
    code: "invalid-commitment",
    culprits: ["bob"],
    round: "reveal",
  });
  assert.equal(promised.length, firstRound.encode({ promise: new Uint8Array(32) }).length);
});

for (const round of ["reveal", "deal", "confirm"]) {
  Deno.test(`generateKey() finds missing, and blames for nothing, who is silent from round ${round} on`, async () => {
    await using scene = await Scene.start();
    let over = false;
    const cheat = cheatOf({
      name: `silent-from-${round}`,
      label: "go silent",
      kinds: ["generate"],
      expects: { outcome: "failed", code: "round-timeout", names: "missing" },
    }, (said) => {
      over ||= said.round === round;
      return over ? [] : [said];
    });
    await assertCaught(scene, "bob", cheat, () => scene.generate(), {
      code: "round-timeout",
      missing: ["bob"],
      phase: "exchanging",
      round,
      key: "no-key",
    });
  });
}

Deno.test("generateKey() ends for everyone when two members cheat, naming no honest one", async () => {
  await using scene = await Scene.start({ names: ["alice", "bob", "carol", "dave"] });
  scene.arm("bob", wrongProof);
  scene.arm("dave", wrongProof);
  const seen = await scene.generate();
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "invalid-proof", culprits: ["bob", "dave"] });
  }
  await assertWorks(scene);
});
