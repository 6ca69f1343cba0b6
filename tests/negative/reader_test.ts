import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import type { Fault, Lagged, SessionEvent } from "../../mod.ts";
import { assertWorks, terminalOf } from "./honest.ts";
import { inPlaceOf, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];

async function readAll<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

Deno.test("errors() shows its failure to a reader that was asleep during 10,000 warnings", async () => {
  await using scene = await Scene.start({ names: [...all, "dave"], threshold: 3 });
  scene.arm("bob", cheats.get("silence")!);
  const asleep = scene.node("alice").errors();
  const everything = scene.node("alice").events();
  const session = scene.node("alice").sign({
    wallet: "treasury",
    curve: "ed25519",
    message: new Uint8Array(1),
    signers: all.map((name) => scene.peer(name)),
  });
  const mine = session.errors();
  const dave = await inPlaceOf(scene, "dave");
  for (let i = 0; i < 10_000; i++) {
    const channel = await reach(scene, dave, "alice", Object.values(protocols)[i % 7]!).catch(() => null);
    await channel?.send(new TextEncoder().encode(`junk ${i}`)).catch(() => {}); // hung up on
    if (i % 200 === 0) await scene.clock.pass(50);
  }
  await scene.clock.until(session.result.catch(() => {}));
  assert.deepEqual((await readAll(mine)).filter(({ type }) => type === "failed").length, 1);
  await scene.clock.pass(1_000);
  await dave.network.stop();
  await scene.cluster.boot("dave");
  await assertWorks(scene);
  await scene.clock.until(scene.node("alice").stop());
  const faults = await readAll<Fault | Lagged>(asleep);
  const failure = faults.find((item) => item.type === "failed" && item.id === session.id);
  assert.ok(failure?.type === "failed" && failure.code === "round-timeout");
  assert.deepEqual(failure.missing, [scene.peer("bob")]);
  const counted = faults.reduce((sum, item) => sum + (item.type === "warning" ? item.count : 0), 0);
  assert.ok(counted > 5_000, `${counted} are counted, in ${faults.length} items`);
  assert.ok(faults.length < 1_000, `${faults.length} items`);
  assert.ok((await readAll(everything)).some((item) => item.type === "failed" && item.id === session.id));
});

Deno.test("result may be left alone: who reads only errors() sees the failure, and nothing is unhandled", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  try {
    for (const name of ["forged-share", "garbage", "silence", "false-accusation"]) {
      scene.arm("bob", cheats.get(name)!);
      const session = scene.node("carol").sign({
        wallet: "treasury",
        curve: "ed25519",
        message: new Uint8Array(1),
      });
      const faults = await scene.clock.until(readAll(session.errors()));
      assert.deepEqual(faults.map(({ type }) => type), ["failed"], name);
      await scene.clock.pass(3_000);
    }
    assert.deepEqual(unhandled, []);
  } finally {
    globalThis.removeEventListener("unhandledrejection", note);
  }
  await assertWorks(scene);
});

Deno.test("Cancelling any stream in the middle ends neither the session nor another stream", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  scene.arm("bob", cheats.get("slow")!);
  const { node } = scene.cluster.at("alice");
  const seen = await scene.watch(() => {
    const session = node.sign({ wallet: "treasury", curve: "ed25519", message: new Uint8Array(1) });
    for (const stream of [session.events(), session.errors(), node.events(), node.errors()]) {
      const reader = stream.getReader();
      void reader.read();
      scene.clock.timer(1_000, () => void reader.cancel("enough"));
    }
    return session;
  });
  assert.ok(seen.value, seen.error?.code);
  assert.equal(terminalOf(seen, "alice").type, "done");
  await assertWorks(scene);
});

Deno.test("events() of a session give everything from its first event on, to whoever asks at any time", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const session = scene.node("alice").sign({
    wallet: "treasury",
    curve: "ed25519",
    message: new Uint8Array(1),
  });
  const early = readAll<SessionEvent>(session.events());
  await scene.clock.until(session.result);
  const late = await readAll<SessionEvent>(session.events());
  assert.deepEqual(await early, late);
  assert.equal(late[0]!.type, "began");
  assert.equal(late.at(-1)!.type, "done");
  assert.deepEqual(await readAll(scene.node("alice").session(session.id)!.events()), late);
  await assertWorks(scene);
});
