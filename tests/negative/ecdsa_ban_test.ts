import assert from "node:assert/strict";
import type { WireFacts } from "../../src/cluster/context.ts";
import type { Said } from "../../src/demo/cheats/cheat_wire.ts";
import { banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { isTerminal } from "../../src/events.ts";
import { abortRecord, abortRound } from "../../src/session/control.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { lastingRows, pardon } from "../sim/pardon.ts";
import {
  ecdsaScene,
  heedful,
  holding,
  isProtocolRound,
  nobodyBanned,
  onDisk,
  overheard,
} from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { hello, type Scene } from "./scene.ts";

const [anyBan] = banning;

// F24, F26: U, x~, t~; a~, η, μ; Γ^u, Γ^v, pk.
Deno.test("sign() bans who fails any of the three checks, and nobody else, whatever it tampered with", async () => {
  await using scene = await ecdsaScene();
  const before = await lastingRows(scene.everyone("alice").store);
  for (const cheat of banning) {
    scene.arm("bob", cheat);
    const seen = await scene.sign(["alice", "bob"]);
    const { name, round } = cheat;
    const ends = { code: "invalid-multiplication", culprits: ["bob"], phase: "exchanging", round } as const;
    assertFails(scene, seen, "alice", { ...ends, key: "safe-if-banned" });
    assertFails(scene, seen, "bob", {
      code: "aborted-by-peer",
      claims: [{ by: "alice", code: "invalid-multiplication", peers: ["bob"] }],
    });
    const end = seen.view("alice").find(isTerminal);
    assert.ok(end?.type === "failed" && end.remedy === "ban" && end.evidence === undefined, name);
    assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] }, name);
    assert.deepEqual(await onDisk(scene, "bob"), { banned: [], pairs: ["alice", "carol"] }, name);
    assert.deepEqual(await onDisk(scene, "carol"), { banned: [], pairs: ["alice", "bob"] }, name);
    assert.equal((await scene.sign(["alice", "bob"])).error?.code, "peer-banned", `once is all: ${name}`);
    assert.ok((await pardon(scene.cluster, new Map([["alice", before]]))).includes("alice"));
  }
  assert.ok((await scene.sign(["alice", "bob"])).value, "what was taken back was all that kept them apart");
});

Deno.test("sign() with three signers: who tampers towards one is banned by this one alone, and the others hear of it", async () => {
  await using scene = await ecdsaScene({ threshold: 3 });
  const cheat = banning.find(({ name }) => name === "gamma-u")!;
  const victim = scene.peer("alice");
  scene.arm("bob", {
    ...cheat,
    wrap(wire, about, tools) {
      const tampering = cheat.wrap(wire, about, tools);
      return { ...wire, send: (to, ...said) => (to === victim ? tampering : wire).send(to, ...said) };
    },
  });
  const seen = await scene.sign(["alice", "bob", "carol"]);
  assertFails(scene, seen, "alice", { code: "invalid-multiplication", culprits: ["bob"] });
  assertFails(scene, seen, "carol", {
    code: "aborted-by-peer",
    claims: [{ by: "alice", code: "invalid-multiplication", peers: ["bob"] }],
  });
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] });
  assert.deepEqual(await onDisk(scene, "carol"), { banned: [], pairs: ["alice", "bob"] });
  const told = scene.node("carol").bans().map(({ by, other }) => [scene.nameOf(by), scene.nameOf(other)]);
  assert.deepEqual(told, [["alice", "bob"]], "shown, and no more");
  // Every party of three is all of them: there is none without the pair.
  for (const by of scene.names) {
    const { wallet, curve } = scene.key;
    const again = await scene.watch(() => scene.node(by).sign({ wallet, curve, message: hello }));
    const claims = [{ by: scene.peer("alice"), code: "peer-banned", peers: [scene.peer("bob")] }];
    assert.deepEqual([again.error?.code, again.error?.claims], ["declined", claims], by);
  }
});

Deno.test("sign() bans on disk before anyone hears, and ends everything else with that peer under that key, and nothing more", async () => {
  interface Left extends Said {
    id: string;
    at: number;
  }
  const left: Left[] = [];
  const moments = { found: 0, durable: 0, saidBefore: 0 };
  let scene: Scene | null = null;
  const { cheat, release } = holding("correct");
  scene = await ecdsaScene({
    // The disk takes its time. Meanwhile bob says what alice's other sessions with it wait for.
    store: (name) =>
      heedful(memoryStore(), async (row) => {
        if (name !== "alice" || !row.startsWith("ban/")) return;
        moments.found = scene!.clock.monotonic();
        moments.saidBefore = left.length;
        release();
        await new Promise<void>((resolve) => scene!.clock.timer(300, resolve));
        moments.durable = scene!.clock.monotonic();
      }),
    more: (name) =>
      name === "alice"
        ? {
          wrapWire: (wire, about: WireFacts) =>
            overheard(wire, about, (said) => {
              left.push({ ...said, id: about.id, at: scene?.clock.monotonic() ?? 0 });
            }),
        }
        : {},
  });
  await using _scene = scene;
  const key = scene.key;
  const other = await scene.generate("edward's", 2).then(({ value }) => value!);
  const [alice, bob, carol] = scene.names.map((name) => scene!.peer(name)) as [string, string, string];
  const { wallet, curve } = key;
  const sign = (signers: readonly string[], wallet: string) =>
    scene!.node("alice").sign({ wallet, curve, message: hello, signers });
  scene.arm("bob", cheat, { once: false });
  const beside = [1, 2, 3].map(() => sign([alice, bob], wallet));
  await scene.clock.pass(50);
  scene.arm("bob", anyBan!);
  left.length = 0;
  const [caught, elsewhere, withCarol] = [
    sign([alice, bob], wallet),
    sign([alice, bob], other.wallet),
    sign([alice, carol], wallet),
  ];
  const all = [...beside, caught, elsewhere, withCarol];
  const ended = await scene.clock.until(Promise.allSettled(all.map(({ result }) => result)));
  const codes = ended.map((end) => end.status === "fulfilled" ? "done" : end.reason.code);
  assert.deepEqual(codes, [
    "peer-banned",
    "peer-banned",
    "peer-banned",
    "invalid-multiplication",
    "done",
    "done",
  ]);
  const endOf = ({ id }: { id: string }) => scene!.view("alice", id).find(isTerminal)!;
  const wall = (monotonic: number) => scene!.clock.now() - (scene!.clock.monotonic() - monotonic);
  for (const session of beside) {
    assert.ok(endOf(session).at - wall(moments.found) <= 1_000, "within a second");
    const end = endOf(session);
    assert.ok(end.type === "failed" && end.culprits.length === 0);
  }
  assert.ok(moments.durable - moments.found >= 300);
  const ours = new Set([...beside, caught].map(({ id }) => id));
  const after = left.slice(moments.saidBefore).filter(({ id }) => ours.has(id));
  const words = after.map(({ round }) => round).filter(isProtocolRound);
  assert.deepEqual(words, [], "not a word of the protocol");
  const aborts = after.filter(({ round }) => round === abortRound);
  assert.equal(aborts.length, 4);
  for (const { at } of aborts) assert.ok(at >= moments.durable, "nobody hears before the ban is on disk");
  const said = aborts.map(({ body }) => abortRecord.decode(body).code).sort();
  assert.deepEqual(said, ["invalid-multiplication", "peer-banned", "peer-banned", "peer-banned"]);
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] });
  const both = { banned: [], pairs: ["bob", "carol"] };
  assert.deepEqual(await onDisk(scene, "alice", other.session), both, "another key is another pair");
});

Deno.test("sign() honestly, again and again, and by each pair, never bans", async () => {
  await using scene = await ecdsaScene();
  for (const signers of [["alice", "bob"], ["bob", "carol"], ["carol", "alice"], ["bob", "alice"]]) {
    assert.ok((await scene.sign(signers)).value);
  }
  assert.equal(await nobodyBanned(scene), null);
});
