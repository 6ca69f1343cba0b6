import assert from "node:assert/strict";
import type { Warning } from "../../src/events.ts";
import { explain } from "../../src/explain.ts";
import type { Clock } from "../../src/ports.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { assertFails, assertWorks, terminalOf } from "./honest.ts";
import { commandOf, framed, inPlaceOf, next, type RawPeer, reach } from "./raw_peer.ts";
import { protocols } from "../../src/cluster/context.ts";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import { readSigned } from "../../src/session/signed.ts";
import { Scene, type SceneOptions } from "./scene.ts";

/** A cluster in which the wall clocks of `whose` can be set; the other clock, by which all wait, cannot. */
async function withClock(
  whose: readonly string[] = ["alice"],
  { offset = 0, ...more }: SceneOptions & { offset?: number } = {},
): Promise<{ scene: Scene; set: (ms: number) => void }> {
  const scene = await Scene.start({
    threshold: 2,
    ...more,
    more: (name, { clock }) => {
      const wrong: Clock = {
        now: () => clock.now() + offset,
        monotonic: () => clock.monotonic(),
        timer: (ms, fire) => clock.timer(ms, fire),
      };
      return whose.includes(name) ? { clock: wrong } : {};
    },
  });
  return { scene, set: (ms) => void (offset = ms) };
}

/** Whose clock a node has found how far off, s. */
function differences(scene: Scene, name: string): Record<string, number> {
  const { events, peer } = scene.everyone(name);
  const warnings = events.filter((event): event is Warning =>
    event.type === "warning" && event.peer === peer && event.code === "clock-difference"
  );
  return Object.fromEntries(warnings.map(({ via, seconds }) => [scene.nameOf(via!), seconds!]));
}

for (const minutes of [10, -10]) {
  Deno.test(`sign() ends as clock-skew, blames nobody and says how far, when a clock is ${minutes} minutes off`, async () => {
    const { scene, set } = await withClock();
    await using _scene = scene;
    const seconds = minutes * 60;
    set(seconds * 1_000);
    const ends = { code: "declined", phase: "inviting", key: "safe" } as const;
    const seen = await scene.sign(["alice", "bob"]);
    const hers = assertFails(scene, seen, "alice", {
      ...ends,
      claims: [{ by: "bob", code: "clock-skew", peers: [] }],
    });
    const off = hers.clocks?.find(({ peer }) => peer === scene.peer("bob"));
    assert.ok(off && Math.abs(off.seconds + seconds) < 5, JSON.stringify(hers.clocks));
    const words = Object.values(explain(hers, (peer) => scene.nameOf(peer))).join(" ");
    assert.match(words, /the clock of bob is 10 min (\d s )?(ahead|behind)/);
    const theirs = await scene.sign(["alice", "bob"], { by: "bob" });
    assertFails(scene, theirs, "bob", { ...ends, claims: [{ by: "alice", code: "clock-skew", peers: [] }] });
    const others = await scene.sign(["bob", "carol"], { by: "bob" });
    assert.ok(others.value, "whose clocks agree go on");
    await scene.clock.pass(15_000);
    assert.deepEqual(differences(scene, "alice"), { bob: -seconds, carol: -seconds });
    assert.deepEqual(differences(scene, "bob"), { alice: seconds });
    set(0);
    await assertWorks(scene);
  });
}

Deno.test("Links come up between clocks that are three minutes apart, and both ends are told how far", async () => {
  for (const minutes of [3, -3, 600]) {
    const { scene } = await withClock(["alice"], { offset: minutes * 60_000, threshold: undefined! });
    await using _scene = scene;
    await scene.clock.pass(15_000);
    assert.deepEqual(differences(scene, "alice"), { bob: -minutes * 60, carol: -minutes * 60 });
    assert.deepEqual(differences(scene, "bob"), { alice: minutes * 60 });
    assert.equal(scene.node("bob").peers.get(scene.peer("alice"))?.link, "up");
    assert.ok(scene.node("alice").peers.get(scene.peer("bob"))?.links.length, "presence is heard too");
  }
});

Deno.test("A difference of clocks is told once, and again when it comes back", async () => {
  const { scene, set } = await withClock();
  await using _scene = scene;
  const told = () =>
    scene.everyone("bob").events.filter((event) =>
      event.type === "warning" && event.code === "clock-difference" && event.peer === scene.peer("bob")
    ).length;
  for (const expected of [1, 2]) {
    set(600_000);
    await scene.clock.pass(60_000);
    assert.equal(told(), expected);
    set(0);
    await scene.clock.pass(60_000);
    assert.equal(told(), expected);
  }
});

/** Sends alice a command; gives what she says of it. */
async function commanded(scene: Scene, by: RawPeer, encoded: Uint8Array): Promise<string | null> {
  const channel = await reach(scene, by, "alice", protocols.command);
  await channel.send(framed(encoded));
  for (;;) {
    const said = await next(scene, channel, 40_000);
    if (!(said instanceof Uint8Array)) return said;
    const result = await readSigned(by.identity, resultRecord, said);
    if (result?.by === scene.peer("alice")) return result.value.code;
  }
}

Deno.test("A whole cluster that was eight hours ahead signs at once when it is put right, and carries nothing out twice", async () => {
  const all = ["alice", "bob", "carol"];
  const { scene, set } = await withClock(all, { consoles: ["eve"] });
  await using _scene = scene;
  const hours = 8 * 3_600_000;
  const eve = await inPlaceOf(scene, "eve");
  let wallets = 0;
  const command = (ahead: number) => {
    const created = scene.clock.now() + ahead;
    return commandOf(scene, eve.identity, { wallet: `w${wallets++}`, created, expires: created + 60_000 });
  };
  const early = await command(0);
  assert.equal(await commanded(scene, eve, early), null);
  set(hours);
  await assertWorks(scene);
  const late = await command(hours);
  assert.equal(await commanded(scene, eve, late), null);
  set(0);
  assert.equal(await commanded(scene, eve, early), null, "answered: its outcome is known");
  await assertWorks(scene);
  set(hours);
  // Everything of before is forgotten now.
  await scene.clock.pass(900_000);
  await assertWorks(scene);
  set(0);
  await assertWorks(scene);
  const keys = async () =>
    (await scene.node("alice").keys()).filter(({ wallet }) => /^w\d/.test(wallet)).map(({ session }) =>
      session
    );
  const known = await keys();
  assert.equal(known.length, 2);
  for (const again of [false, true]) {
    if (again) {
      for (const name of all) scene.cluster.kill(name);
      for (const name of all) await scene.cluster.boot(name);
      await scene.cluster.linked();
      await assertWorks(scene);
    }
    assert.equal(await commanded(scene, eve, early), "clock-skew", "of a minute that was forgotten");
    assert.equal(await commanded(scene, eve, late), "clock-skew", "of another time");
    assert.equal(await commanded(scene, eve, await command(0)), null);
  }
  const now = await keys();
  assert.equal(now.length, 4, "the two new ones");
  assert.ok(known.every((session) => now.includes(session)), "and the old ones as they were");
});

Deno.test("sign() succeeds between clocks that are 100 seconds apart, and through a leap in the middle", async () => {
  const { scene, set } = await withClock();
  await using _scene = scene;
  for (const seconds of [100, -100]) {
    set(seconds * 1_000);
    for (const by of ["alice", "bob"]) {
      const seen = await scene.sign(["alice", "bob"], { by });
      assert.ok(seen.value, `${by}, ${seconds} s: ${seen.error?.code}`);
    }
    set(0);
    await scene.clock.pass(120_000);
  }
  scene.arm("bob", cheats.get("slow")!);
  scene.clock.timer(1_000, () => set(-3_600_000));
  const seen = await scene.sign(["alice", "bob"]);
  assert.ok(seen.value, "deadlines are not measured by the wall");
  assert.equal(terminalOf(seen, "alice").type, "done");
  set(0);
  await assertWorks(scene);
});
