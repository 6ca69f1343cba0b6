import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { decodeShown, encodeShown } from "../../src/keystore/key_certificate.ts";
import { answerRecord, questionRecord } from "../../src/cluster/roster/sync_question.ts";
import { keysPerQuestion } from "../../src/limits.ts";
import type { KeyRow } from "../../src/keystore/key_rows.ts";
import { madeKey } from "../cluster/keys/made_key.ts";
import { inPlaceOf, next, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

/** More than two answers hold. A fixture signs them; nobody holds shares. */
const count = 2 * keysPerQuestion + 20;

Deno.test("A console learns of all keys, however many answers that takes, and is asked for by name of each", async () => {
  await using scene = await Scene.start({ consoles: ["eve"], threshold: 2 });
  const people = scene.names.map((name) => scene.everyone(name).identity);
  const { roster } = scene.cluster;
  const rows: KeyRow[] = [];
  for (let i = 0; i < count; i++) {
    rows.push(await madeKey({ roster, by: people[0]!, members: people, wallet: `customer ${i}` }));
  }
  scene.cluster.kill("eve");
  // Carol tells alice of them; then only alice is there to tell eve.
  const carol = await inPlaceOf(scene, "carol");
  const questions: string[] = [];
  carol.network.handle(protocols.sync, async (channel) => {
    const { about, shown } = questionRecord.decode((await channel.receive())!);
    if (about === "keys") {
      if (channel.peer === scene.peer("alice")) questions.push(shown.toHex());
      const at = shown.length === 0 ? 0 : Number(`0x${shown.toHex()}`);
      for (const [i, row] of rows.slice(at, at + keysPerQuestion).entries()) {
        await channel.send(answerRecord.encode({ item: encodeShown(row, true, at + i + 1) }));
      }
    }
    await channel.end();
  }, { maxFrame: 1 << 20 });
  const { signal } = new AbortController();
  await carol.network.connect(scene.peer("alice"), ["/memory/alice"], signal);
  await scene.clock.pass(5_000);
  assert.equal((await scene.node("alice").keys()).length, count + 1);
  const after = (place: number) => place.toString(16).padStart(16, "0");
  assert.deepEqual(questions, ["", after(keysPerQuestion), after(2 * keysPerQuestion)]);
  scene.cluster.kill("bob");
  await carol.network.stop();
  await scene.cluster.boot("eve");
  await scene.clock.pass(8_000);
  const eve = scene.node("eve");
  const known = await eve.keys();
  assert.equal(known.length, count + 1);
  for (let i = 0; i < count; i += 50) {
    const { ready, missing } = await eve.readiness({ wallet: `customer ${i}`, scheme: "ed25519" });
    assert.equal(ready.length + missing.length, 3);
  }
  const asking = await inPlaceOf(scene, "eve");
  const toldAfter = async (place: number) => {
    const channel = await reach(scene, asking, "alice", protocols.sync);
    const shown = Uint8Array.fromHex(after(place));
    await channel.send(questionRecord.encode({ about: "keys", shown }));
    const places: number[] = [];
    for (let said = await next(scene, channel); said instanceof Uint8Array;) {
      places.push(decodeShown(answerRecord.decode(said).item!).place);
      said = await next(scene, channel);
    }
    return places;
  };
  const places = await toldAfter(count - 10);
  assert.deepEqual(await toldAfter(places.at(-3)!), places.slice(-2), "only what is news");
  await asking.network.stop();
});
