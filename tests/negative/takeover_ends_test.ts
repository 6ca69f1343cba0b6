/**
 * The end of a command by who asked for it, while it goes from one coordinator to the next.
 */
import assert from "node:assert/strict";
import type { Approve } from "../../src/cluster/commands/consent/approval.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { SessionError } from "../../src/errors.ts";
import { isTerminal } from "../../src/events.ts";
import type { Channel } from "../../src/ports.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const names = ["alice", "bob", "carol", "dave"];
const request = { wallet: "treasury", scheme: "ed25519", message: hello } as const;

const start = (options: SceneOptions = {}) =>
  Scene.start({ names, threshold: 2, consoles: ["eve"], ...options });

/** The peer that has proposed a party for a command, in its own view. */
const proposers = (scene: Scene, id: string): string[] =>
  names.filter((name) => scene.view(name, id).some(({ type }) => type === "proposed"));

/** People who think about every signature until they are made to say yes. */
function thinking() {
  const answers: (() => void)[] = [];
  const approve: Approve = ({ kind }) =>
    kind === "sign"
      ? new Promise((resolve) => answers.push(() => resolve("accept")))
      : Promise.resolve("accept");
  return { answers, node: () => ({ approve }) };
}

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
  await using scene = await start({ node: thinking().node });
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

Deno.test("cancel() while the stream to a coordinator is broken ends the command there", async () => {
  const { answers, node } = thinking();
  await using scene = await start({ node });
  const { network } = scene.node("eve");
  const open = network.open.bind(network);
  const streams: Channel[] = [];
  network.open = async (peer, protocol, options) => {
    const stream = await open(peer, protocol, options);
    if (protocol === protocols.command) streams.push(stream);
    return stream;
  };
  const session = scene.node("eve").sign(request);
  const code = session.result.then(() => "signed", (error: SessionError) => error.code);
  await scene.clock.pass(500);
  const [first] = proposers(scene, session.id);
  assert.ok(answers.length > 0, "people are being asked");
  streams[0]!.abort();
  await scene.clock.pass(500);
  session.cancel();
  assert.equal(await scene.clock.until(code), "cancelled");
  for (let i = 0; i < 20; i++) {
    answers.splice(0).forEach((answer) => answer());
    await scene.clock.pass(100);
  }
  const ends = scene.view(first!, session.id).filter(isTerminal);
  assert.deepEqual(ends.map((event) => event.type === "failed" && event.code), ["cancelled"]);
});

Deno.test("cancel() while a stream to a coordinator is opened keeps the command from it", async () => {
  await using scene = await start();
  const session = scene.node("eve").sign(request);
  cancelAtFirst(scene, session, protocols.command);
  await assert.rejects(scene.clock.until(session.result), { code: "cancelled" });
  await scene.clock.pass(1_000);
  assert.equal(names.filter((name) => scene.view(name, session.id).length > 0).length, 0);
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

Deno.test("sign() that ends because nobody has answered in time is not signed later, though a coordinator has the order since just before", async () => {
  const { answers, node } = thinking();
  await using scene = await start({ node });
  const { id, result } = scene.node("eve").sign(request, { lifetimeMs: 20_000 });
  const code = result.then(() => "signed", (error: SessionError) => error.code);
  await scene.clock.pass(15_000);
  const [first] = proposers(scene, id);
  scene.cluster.kill(first!);
  assert.equal(await scene.clock.until(code), "unanswered");
  assert.equal(proposers(scene, id).filter((name) => name !== first).length, 1, "another has taken over");
  await scene.clock.pass(2_000);
  for (let i = 0; i < 40; i++) {
    answers.splice(0).forEach((answer) => answer());
    await scene.clock.pass(100);
  }
  assert.ok(names.every((name) => scene.view(name, id).every(({ type }) => type !== "done")));
});
