import assert from "node:assert/strict";
import { type RosterFileEvent, signRoster } from "../../mod.ts";
import { Scene } from "./scene.ts";

const why = "expected a file that can be written, found EBUSY at roster.json";
const told = (scene: Scene, name: string) =>
  scene.everyone(name).events.filter((event): event is RosterFileEvent => event.type === "roster-file")
    .map(({ state, version, why }) => [state, version, why ?? null]);

/** The first that a node told since it started, also before anybody could read it. */
async function firstTold(scene: Scene, name: string) {
  const reader = scene.node(name).events({ replay: 100 }).getReader();
  try {
    for (;;) {
      const { value } = await reader.read();
      assert.ok(value, "it has told nothing of its roster's file");
      if (value.type === "roster-file") return [value.state, value.version, value.why ?? null];
    }
  } finally {
    await reader.cancel();
  }
}

Deno.test("A roster that cannot be written where it is read from is in force, is told with the reason, and outlives a restart", async () => {
  const files = { written: [] as number[], broken: true };
  await using scene = await Scene.start({
    threshold: 2,
    more: (name) =>
      name !== "bob" ? {} : {
        keepRoster({ version }) {
          if (files.broken) return Promise.reject(new Error(why));
          files.written.push(version);
          return Promise.resolve();
        },
      },
  });
  const { admin, roster } = scene.cluster;
  const without = roster.peers.filter(({ name }) => name !== "carol");
  scene.cluster.kill("carol");
  scene.cluster.kill("alice");
  scene.cluster.roster = await signRoster(admin, without, roster);
  await scene.cluster.boot("alice");
  await scene.clock.pass(5_000);
  assert.equal(scene.node("bob").roster.version, 2, "in force at once");
  assert.equal(scene.node("bob").peers.get(scene.peer("carol")), undefined);
  assert.deepEqual(told(scene, "bob"), [["unwritten", 2, why]]);

  scene.cluster.kill("bob");
  scene.cluster.roster = roster; // what his file still says
  await scene.cluster.boot("bob");
  assert.equal(scene.node("bob").roster.version, 2, "out of the store");
  assert.deepEqual(await firstTold(scene, "bob"), ["unwritten", 2, why], "and told again");

  scene.cluster.kill("bob");
  files.broken = false;
  await scene.cluster.boot("bob");
  assert.deepEqual(files.written, [2], "written as soon as that is possible");
  scene.cluster.kill("alice");
  scene.cluster.roster = await signRoster(admin, without, scene.node("bob").roster);
  await scene.cluster.boot("alice");
  await scene.clock.pass(5_000);
  assert.deepEqual([scene.node("bob").roster.version, files.written], [3, [2, 3]]);
  assert.ok(
    scene.everyone("alice").events.every(({ type }) => type !== "roster-file"),
    "its own readers only",
  );
});

Deno.test("A node whose store has a newer roster without it does not start with the older one in its file", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { admin, roster } = scene.cluster;
  const without = roster.peers.filter(({ name }) => name !== "carol");
  scene.cluster.kill("alice");
  scene.cluster.roster = await signRoster(admin, without, roster);
  await scene.cluster.boot("alice");
  await scene.clock.pass(5_000);
  scene.cluster.kill("carol");
  scene.cluster.roster = roster;
  await assert.rejects(scene.cluster.boot("carol"), {
    name: "InputError",
    field: "roster.peers",
    message: /found that version 2 is without it/,
  });
});
