/**
 * The end of a command by who asked for it, while it goes from one coordinator to the next.
 */
import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const names = ["alice", "bob", "carol", "dave"];
const request = { wallet: "treasury", scheme: "ed25519", message: hello } as const;

const start = (options: SceneOptions = {}) =>
  Scene.start({ names, threshold: 2, consoles: ["eve"], ...options });

/** The peer that has proposed a party for a command, in its own view. */
const proposers = (scene: Scene, id: string): string[] =>
  names.filter((name) => scene.view(name, id).some(({ type }) => type === "proposed"));

/** Cancels eve's session as soon as she opens a stream of a protocol. @returns The peers that are sent an order from then on. */
function cancelAtFirst(scene: Scene, session: { cancel(): void }, protocol: string): string[] {
  const { network } = scene.node("eve");
  const open = network.open.bind(network);
  const given: string[] = [];
  let isOver = false;
  network.open = (peer, opened, options) => {
    if (opened === protocol && !isOver) {
      isOver = true;
      session.cancel();
    }
    if (opened === protocols.command && isOver) given.push(scene.nameOf(peer));
    return open(peer, opened, options);
  };
  return given;
}

Deno.test("cancel() while it is asked what came of a command keeps it from the next coordinator, and from the first", async () => {
  await using scene = await start({
    node: () => ({
      approve: ({ kind }) => kind === "sign" ? new Promise(() => {}) : Promise.resolve("accept"),
    }),
  });
  const session = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const [first] = proposers(scene, session.id);
  const given = cancelAtFirst(scene, session, protocols.outcome);
  scene.cluster.kill(first!);
  await assert.rejects(scene.clock.until(session.result), { code: "cancelled" });
  assert.deepEqual(given, [], "nobody takes over");
  const other = scene.node("eve").sign({ ...request, id: "7".repeat(32) });
  const givenOther = cancelAtFirst(scene, other, protocols.outcome);
  await assert.rejects(scene.clock.until(other.result), { code: "cancelled" });
  assert.deepEqual(givenOther, []);
});

Deno.test("cancel() at once keeps a command from every coordinator", async () => {
  await using scene = await start();
  const session = scene.node("eve").sign(request);
  const given = cancelAtFirst(scene, session, protocols.outcome);
  session.cancel();
  await assert.rejects(scene.clock.until(session.result), { code: "cancelled" });
  await scene.clock.pass(1_000);
  assert.equal(names.filter((name) => scene.view(name, session.id).length > 0).length, 0);
  assert.deepEqual(given, []);
});
