import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { encodeShown } from "../../src/keystore/key_certificate.ts";
import { signRoster } from "../../src/cluster/roster/roster.ts";
import { answerRecord, questionRecord } from "../../src/cluster/roster/sync_question.ts";
import { InputError } from "../../src/errors.ts";
import type { Store } from "../../src/ports.ts";
import type { KeyRow } from "../../src/keystore/key_rows.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { madeKey } from "../cluster/keys/made_key.ts";
import { inPlaceOf, type RawPeer } from "./raw_peer.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const treasury = { wallet: "treasury", scheme: "ed25519" } as const;

/** A scene in which eve, a console, can be given an empty store. */
async function withConsole(options: SceneOptions = {}) {
  let disk = memoryStore();
  const store: Store = {
    get: (name) => disk.get(name),
    swap: (name, from, sealed) => disk.swap(name, from, sealed),
    names: (prefix) => disk.names(prefix),
    close: () => disk.close(),
  };
  const scene = await Scene.start({
    consoles: ["eve"],
    store: (name) => name === "eve" ? store : memoryStore(),
    ...options,
  });
  /** Eve starts again, and has forgotten everything. */
  const forget = async () => {
    scene.cluster.kill("eve");
    disk = memoryStore();
    await scene.cluster.boot("eve");
  };
  return { scene, forget };
}

/** Connects to eve, and says of keys what it is told to say. */
async function tellsEve(scene: Scene, liar: RawPeer, rows: readonly KeyRow[]): Promise<void> {
  liar.network.handle(protocols.sync, async (channel) => {
    const { about } = questionRecord.decode((await channel.receive())!);
    for (const [i, row] of (about === "keys" ? rows : []).entries()) {
      await channel.send(answerRecord.encode({ item: encodeShown(row, true, i + 1) }));
    }
    await channel.end();
  }, { maxFrame: 1 << 20 });
  const { signal } = new AbortController();
  await liar.network.connect(scene.peer("eve"), ["/memory/eve"], signal);
  await scene.clock.pass(3_000);
}

const shown = async (scene: Scene) =>
  (await scene.node("eve").keys()).map(({ wallet, threshold, session }) => ({ wallet, threshold, session }));

// The audit's D: whoever met the attackers first saw the attackers' key.
Deno.test("keys() of a console with an empty store shows no key of two cheaters who meet it first, and takes no name for it", async () => {
  const names = ["alice", "bob", "carol", "dave", "frank"];
  const { scene, forget } = await withConsole({ names, threshold: 3 });
  await using _scene = scene;
  const { identity: dave } = scene.everyone("dave");
  const { identity: frank } = scene.everyone("frank");
  const { roster } = scene.cluster;
  const theirs: KeyRow[] = [];
  for (const wallet of ["treasury", "payroll"]) {
    // Nobody asked for it; or so they say of one that asked for something else.
    const asked = await madeKey({ roster, by: dave, members: [dave, frank], wallet });
    theirs.push({ ...asked, preimage: new Uint8Array() });
    const genuine = scene.everyone("alice").identity;
    theirs.push(
      await madeKey({ roster, by: genuine, members: [dave, frank], wallet, asked: { wallet: "other" } }),
    );
  }
  for (const name of names.slice(0, 3)) scene.cluster.kill(name);
  const liars = [await inPlaceOf(scene, "dave"), await inPlaceOf(scene, "frank")];
  await forget();
  for (const liar of liars) await tellsEve(scene, liar, theirs);
  assert.deepEqual(await shown(scene), []);
  for (const name of names.slice(0, 3)) await scene.cluster.boot(name);
  await scene.clock.pass(8_000);
  assert.deepEqual(await shown(scene), [{ wallet: "treasury", threshold: 3, session: scene.key.session }]);
  const members = names.slice(0, 3);
  const made = await scene.generate("payroll", 2, { by: "alice", members });
  assert.equal(made.value?.wallet, "payroll", made.error?.code);
});

Deno.test("keys() of a console with an empty store shows a key that was made under a roster long past", async () => {
  const { scene, forget } = await withConsole({ threshold: 2 });
  await using _scene = scene;
  for (let version = 2; version < 4; version++) {
    const { roster, admin } = scene.cluster;
    const peers = roster.peers.map((peer) => ({
      ...peer,
      addresses: [...peer.addresses, `/memory/v${version}`],
    }));
    scene.cluster.roster = await signRoster(admin, peers, roster);
    for (const name of scene.names) {
      scene.cluster.kill(name);
      await scene.cluster.boot(name);
    }
    await scene.cluster.linked();
  }
  await forget();
  await scene.clock.pass(8_000);
  assert.deepEqual(await shown(scene), [{ wallet: "treasury", threshold: 2, session: scene.key.session }]);
  const signed = await scene.sign(["alice", "bob"], { by: "eve" });
  assert.ok(signed.value, signed.error?.code);
});

Deno.test("sign() and readiness() want the id where two genuine keys have one name, and go by it", async () => {
  const { scene } = await withConsole({ threshold: 2 });
  await using _scene = scene;
  const people = scene.names.map((name) => scene.everyone(name).identity);
  const other = await madeKey({ roster: scene.cluster.roster, by: people[0]!, members: people, fill: 2 });
  await tellsEve(scene, await inPlaceOf(scene, "carol"), [other]);
  const ids = [scene.key.session, other.session.toHex()];
  assert.deepEqual((await shown(scene)).map(({ session }) => session).sort(), ids.toSorted());
  const node = scene.node("eve");
  const isRefused = (error: unknown) => {
    assert.ok(error instanceof InputError && error.field === "keyId", String(error));
    for (const id of ids) assert.ok(error.message.includes(id), error.message);
    return true;
  };
  const signers = [scene.peer("alice"), scene.peer("bob")];
  assert.throws(() => node.sign({ ...treasury, message: hello, signers }), isRefused);
  assert.throws(() => node.sign({ ...treasury, keyId: "00".repeat(32), message: hello }), isRefused);
  assert.throws(() => node.readiness(treasury), isRefused);
  assert.ok((await node.readiness({ ...treasury, keyId: ids[0]! })).quorate);
  const signed = await scene.sign(["alice", "bob"], { by: "eve", keyId: ids[0]! });
  assert.deepEqual(signed.value?.publicKey, scene.key.publicKey, signed.error?.code);
  const wrong = await scene.sign(["alice", "bob"], { by: "eve", keyId: ids[1]! });
  assert.equal(wrong.value, null, "alice and bob hold no share of it");
  const made = () => scene.node("eve").generateKey({ ...treasury, threshold: 2 });
  assert.throws(made, InputError);
});
