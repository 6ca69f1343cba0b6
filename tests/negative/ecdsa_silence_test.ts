/** What shows of a check that has failed while its ban is being written: nothing. */
import assert from "node:assert/strict";
import type { ItemInput } from "../../mod.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { maxPiece } from "../../src/limits.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { ecdsaScene, heedful, onDisk } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { hello, type Scene } from "./scene.ts";

/** The time that a frame takes from alice to bob, and that alice's disk takes to write a ban, ms. */
const [frameMs, banMs] = [500, 5_000];
/** The same where a session that opens meanwhile must not run out of time. */
const quickMs = 1_000;

/** `extend` of so many items takes six pieces, of which four fit into a stream whose reader does not read. */
const itemCount = 48;
const pieces = 6;

Deno.test("sign() of a long batch shows nothing of a failed check until the ban is on disk", async () => {
  const items = Array.from({ length: itemCount }, (): ItemInput => ({ message: hello }));
  interface Frame {
    stream: number | null;
    at: number;
    length: number;
  }
  const frames: Frame[] = [];
  const moments = { found: 0, durable: 0, leftBefore: 0 };
  let scene: Scene | null = null;
  const now = () => scene?.clock.monotonic() ?? 0;
  scene = await ecdsaScene({
    store: (name) =>
      heedful(memoryStore(), async (row) => {
        if (name !== "alice" || !row.startsWith("ban/")) return;
        moments.found = now();
        await new Promise<void>((resolve) => scene!.clock.timer(banMs, resolve));
        moments.durable = now();
        moments.leftBefore = frames.length;
      }),
    // Bob reads late what alice sends in a session. What he sends himself comes at once: also his own `extend`, which
    // waits for nothing of hers.
    carry: (_, nameOf) => ({ from, to, protocol, stream, bytes }) => {
      const isSlow = scene !== null && protocol === protocols.session && nameOf(from) === "alice" &&
        nameOf(to) === "bob";
      if (isSlow) frames.push({ stream, at: now(), length: bytes.length });
      return [{ bytes, afterMs: isSlow ? frameMs : 0 }];
    },
  });
  await using _scene = scene;
  /** When the frames of a stream left, counted from the first, and how long they are. */
  const since = (some: readonly Frame[]) => some.map(({ at, length }) => ({ at: at - some[0]!.at, length }));

  assert.ok((await scene.signBatch(["alice", "bob"], items)).value);
  const honest = since(frames.splice(0));
  scene.arm("bob", banning.find(({ name }) => name === "column-checks")!);
  const seen = await scene.signBatch(["alice", "bob"], items);
  assertFails(scene, seen, "alice", { code: "invalid-multiplication", culprits: ["bob"] });
  assert.deepEqual(await onDisk(scene, "alice"), { banned: ["bob"], pairs: ["carol"] });

  assert.ok(moments.durable - moments.found >= banMs);
  const [before, after] = [frames.slice(0, moments.leftBefore), frames.slice(moments.leftBefore)];
  const underWay = before.filter(({ at }) => at > moments.found);
  assert.ok(underWay.length > 0, "the check failed in the middle of the message");
  assert.equal(before.length, 1 + pieces, "her opening, and extend to its end");
  assert.deepEqual(since(before), honest.slice(0, before.length), "just as in a run without a cheat");
  assert.deepEqual([after.length, after[0]!.length < maxPiece / 10], [1, true], "then the abort");
});

Deno.test("sign() with a cheater shows it nothing of its ban until the ban is on disk, when it asks, invites, or is asked for", async () => {
  const moments = { found: 0, durable: 0 };
  let scene: Scene | null = null;
  const begun = Promise.withResolvers<void>();
  scene = await ecdsaScene({
    store: (name) =>
      heedful(memoryStore(), async (row) => {
        if (name !== "alice" || !row.startsWith("ban/")) return;
        moments.found = scene!.clock.monotonic();
        begun.resolve();
        await new Promise<void>((resolve) => scene!.clock.timer(quickMs, resolve));
        moments.durable = scene!.clock.monotonic();
      }),
  });
  await using _scene = scene;
  const { clock } = scene;
  const [alice, bob] = ["alice", "bob"].map((name) => scene!.peer(name)) as [string, string];
  const request = { wallet: "treasury", scheme: "ecdsa", message: hello, signers: [alice, bob] } as const;
  const ends: { by: string; code: string; at: number }[] = [];
  const sign = (by: string) =>
    scene!.node(by).sign(request).result.then(
      () => assert.fail("signed"),
      ({ code }) => void ends.push({ by, code, at: clock.monotonic() }),
    );
  scene.arm("bob", banning.find(({ name }) => name === "column-checks")!);
  const all = [sign("alice")];
  await clock.until(begun.promise);
  all.push(sign("bob"), sign("alice"));
  await clock.pass(quickMs / 2);
  assert.deepEqual(ends, [], "nobody has heard of anything");
  assert.deepEqual(scene.node("alice").bans(), []);
  await clock.until(Promise.all(all));
  assert.ok(moments.durable >= moments.found + quickMs);
  assert.ok(ends.every(({ at }) => at >= moments.durable), JSON.stringify(ends));
  const codes = ends.map(({ by, code }) => `${by}: ${code}`).sort();
  assert.deepEqual(codes, ["alice: invalid-multiplication", "alice: peer-banned", "bob: aborted-by-peer"]);
});
