import assert from "node:assert/strict";
import type { Approve } from "../../mod.ts";
import { isTerminal, type SessionEvent } from "../../src/events.ts";
import { hello, Scene } from "./scene.ts";

const id = "0123456789abcdef".repeat(2);

/** All events of a session, once it has ended. */
async function historyOf(events: ReadableStream<SessionEvent>): Promise<SessionEvent[]> {
  const all: SessionEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

Deno.test("sign() with an id of the caller's choice has it at every peer, and another command with it ends with replayed-command", async () => {
  let answer = (_answer: "accept") => {};
  const asked = new Promise<"accept">((resolve) => answer = resolve);
  const wait: Approve = (request) => request.kind === "generate" ? Promise.resolve("accept") : asked;
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) => name === "bob" ? { approve: wait } : {},
  });
  const { node } = scene.everyone("alice");
  const request = {
    ...{ wallet: "treasury", scheme: "ed25519", message: hello, id } as const,
    signers: ["alice", "bob"].map((name) => scene.peer(name)),
  };
  const first = node.sign(request);
  assert.equal(first.id, id);
  await scene.clock.pass(500);

  // While the first one is under way: it goes on as if nothing had happened.
  const second = node.sign({ ...request, message: new Uint8Array(7) });
  const code = (result: Promise<unknown>) =>
    scene.clock.until(result.then(() => "done", (error) => error.code as string));
  assert.equal(await code(second.result), "replayed-command");
  assert.deepEqual((await historyOf(second.events())).map(({ type }) => type), ["failed"]);
  assert.equal((await historyOf(second.errors() as ReadableStream<SessionEvent>)).length, 1);
  second.cancel();
  await scene.clock.pass(500);
  assert.ok(!scene.view("alice", id).some(isTerminal), "the first one has not ended");
  answer("accept");
  assert.equal(await code(first.result), "done");
  await scene.clock.pass(1_000);
  for (const name of ["alice", "bob"]) {
    assert.deepEqual(scene.view(name, id).filter(isTerminal).map(({ type }) => type), ["done"], name);
  }
  assert.equal(node.session(id)?.id, id);

  // After its end, here and after a restart.
  assert.equal(await code(node.sign(request).result), "replayed-command");
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.clock.pass(5_000);
  const again = scene.node("alice").sign(request);
  assert.equal(await code(again.result), "replayed-command");
  assert.deepEqual((await historyOf(again.events())).map(({ type }) => type), ["failed"]);
});
