import assert from "node:assert/strict";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { defaultCommandAge } from "../../src/limits.ts";
import { Scene } from "./scene.ts";

const message = new TextEncoder().encode("one at a time");

/** Bob, who may be in one session at once, is in one of Carol's, in which she says nothing. */
async function busyBob(): Promise<Scene> {
  const scene = await Scene.start({
    threshold: 2,
    node: (name) => name === "bob" ? { limits: { sessions: 1 } } : {},
  });
  scene.arm("carol", cheats.get("silence")!);
  sign(scene, "carol", "bob").result.catch(() => {}); // it fails, in its time
  await scene.clock.pass(100);
  return scene;
}

const sign = (scene: Scene, asking: string, other: string) =>
  scene.node(asking).sign({
    wallet: "treasury",
    scheme: "ed25519",
    message,
    signers: [scene.peer(asking), scene.peer(other)],
  });

Deno.test("sign() that waits for room goes on when another's session has ended here", async () => {
  await using scene = await busyBob();
  const { result } = sign(scene, "bob", "alice");
  let seen: string | null = null;
  result.then(() => seen = "signed", (error) => seen = error.code);
  await scene.clock.pass(defaultCommandAge);
  assert.equal(seen, "signed");
});

Deno.test("sign() that waits for room ends at once when it is cancelled, or its node sleeps or stops", async () => {
  const ways = {
    cancelled: (_scene: Scene, session: { cancel(): void }) => session.cancel(),
    suspended: (scene: Scene) => scene.node("bob").interrupt(),
    shutdown: (scene: Scene) => void scene.node("bob").stop(),
  };
  for (const [code, end] of Object.entries(ways)) {
    await using scene = await busyBob();
    const session = sign(scene, "bob", "alice");
    let seen: string | null = null;
    session.result.then(() => seen = "signed", (error) => seen = error.code);
    await scene.clock.pass(100);
    assert.equal(seen, null);
    end(scene, session);
    await scene.clock.pass(50);
    assert.equal(seen, code);
  }
});
