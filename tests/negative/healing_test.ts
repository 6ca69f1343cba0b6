import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
import { questionRecord } from "../../src/cluster/keys/sync_question.ts";
import type { Store } from "../../src/ports.ts";
import { maxCommandFrame } from "../../src/limits.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { inPlaceOf, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

/** A store in which the second write to a key's row, the vote, waits until it is let go. */
function slowToVote(held: (() => void)[]): Store {
  const disk = memoryStore();
  let writes = 0;
  return {
    get: (row) => disk.get(row),
    names: (prefix) => disk.names(prefix),
    close: () => disk.close(),
    async swap(row, from, sealed) {
      if (row.startsWith("key/") && ++writes === 2) await new Promise<void>((go) => held.push(go));
      return await disk.swap(row, from, sealed);
    },
  };
}

Deno.test("A pending key is asked about at its members alone: those who answer nothing hold up nobody", async () => {
  const held: (() => void)[] = [];
  await using scene = await Scene.start({
    consoles: ["eve"],
    store: (name) => name === "carol" ? slowToVote(held) : memoryStore(),
  });
  const eve = await inPlaceOf(scene, "eve");
  const asked: string[] = [];
  eve.network.handle(
    protocols.sync,
    (channel) => void channel.receive().then((frame) => asked.push(questionRecord.decode(frame!).about)),
    {
      maxFrame: maxCommandFrame,
    },
  ); // it takes the question, and says nothing
  await reach(scene, eve, "bob", protocols.sync);
  await scene.clock.pass(60_000); // all that is asked when they meet
  assert.ok(asked.includes("history"));
  const { result } = scene.node("bob").generateKey({
    ...{ wallet: "savings", curve: "ed25519", threshold: 2 },
    members: scene.names.map((name) => scene.peer(name)),
  });
  result.catch(() => {}); // it is not confirmed in time
  await scene.clock.pass(40_000);
  const state = async () => (await scene.node("bob").keys()).find((key) => key.wallet === "savings")?.state;
  assert.equal(await state(), "pending");
  asked.length = 0;
  await scene.clock.pass(60_000);
  assert.ok(!asked.includes("history"), "a console has no part in the key");
  held.forEach((go) => go());
  await scene.clock.pass(120_000);
  assert.equal(await state(), "active");
});
