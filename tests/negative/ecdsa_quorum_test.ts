import assert from "node:assert/strict";
import { verify } from "../../mod.ts";
import { banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { ecdsaScene, onDisk } from "./ecdsa_scene.ts";
import type { SessionError } from "../../src/errors.ts";
import { hello, type Scene } from "./scene.ts";

const [tampering] = banning;
const names = ["alice", "bob", "carol", "dave"];

/** One bans the other, in a signature of both and whoever else it takes. */
async function fallOut(scene: Scene, who: string, whom: string, third?: string): Promise<void> {
  const victim = scene.peer(who);
  scene.arm(whom, {
    ...tampering!,
    wrap(wire, about, tools) {
      const bad = tampering!.wrap(wire, about, tools);
      return { ...wire, send: (to, ...said) => (to === victim ? bad : wire).send(to, ...said) };
    },
  });
  await scene.sign([who, whom, ...(third ? [third] : [])]);
  assert.ok((await onDisk(scene, who)).banned.includes(whom), `${who} has banned ${whom}`);
}

const free = (scene: Scene, by: string) => {
  const { wallet, curve } = scene.key;
  return scene.watch(() => scene.node(by).sign({ wallet, curve, message: hello }));
};
/** Who coordinates says in its own voice what it has found itself, and of the rest who says so. */
function saidBanned(scene: Scene, error: SessionError | null, by: string): void {
  if (error?.code === "peer-banned") return;
  assert.equal(error?.code, "declined", by);
  assert.ok(error.claims.length > 0);
  for (const { by: teller, code, peers } of error.claims) {
    assert.equal(code, "peer-banned");
    const own = scene.node(scene.nameOf(teller)).bans().filter((ban) => ban.by === teller);
    assert.ok(peers.every((peer) => own.some(({ other }) => other === peer)), "of its own bans");
  }
}
const partyOf = (scene: Scene, view: { type: string }[]) =>
  (view.findLast(({ type }) => type === "opened") as unknown as { party: string[] }).party.map((peer) =>
    scene.nameOf(peer)
  ).sort();

Deno.test("sign() of three of four finds a party without the pair that fell out, whoever asks, and says when there is none", async () => {
  await using scene = await ecdsaScene({ names, threshold: 3 });
  await fallOut(scene, "bob", "carol", "alice");
  for (const by of names) {
    for (let i = 0; i < 2; i++) {
      const seen = await free(scene, by);
      assert.ok(verify(scene.key, hello, seen.value!), `${by}: ${seen.error?.code}`);
      const party = partyOf(scene, seen.view("alice").length > 0 ? seen.view("alice") : seen.view("dave"));
      assert.ok(!(party.includes("bob") && party.includes("carol")), party.join());
    }
  }
  const both = await scene.sign(["alice", "bob", "carol"]);
  assert.deepEqual(
    both.error?.claims,
    [{ by: scene.peer("bob"), code: "peer-banned", peers: [scene.peer("carol")] }],
    "asked for by name, they are refused, and it is said by whom",
  );
  // A second pair: with bob and carol apart, and alice and dave, no three are left.
  await fallOut(scene, "alice", "dave", "bob");
  for (const by of names) saidBanned(scene, (await free(scene, by)).error, by);
  const { wallet, curve } = scene.key;
  const { banned } = await scene.node("bob").readiness({ wallet, curve });
  assert.deepEqual(banned, [scene.peer("carol")]);
});

Deno.test("sign() of two of three works with the last pair, and with none says peer-banned to whoever asks", async () => {
  await using scene = await ecdsaScene();
  await fallOut(scene, "alice", "bob");
  await fallOut(scene, "alice", "carol");
  const last = await free(scene, "alice");
  assert.ok(verify(scene.key, hello, last.value!), "alice, with whom nobody may sign, asks the others");
  assert.deepEqual(partyOf(scene, last.view("bob")), ["bob", "carol"]);
  await fallOut(scene, "bob", "carol");
  for (const by of scene.names) saidBanned(scene, (await free(scene, by)).error, by);
});
