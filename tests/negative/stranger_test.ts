import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { askToJoin } from "../../src/cluster/roster/admission/join.ts";
import type { Invitation } from "../../mod.ts";
import { maxFrame, maxJoinFrame } from "../../src/limits.ts";
import { assertWorks, terminalOf } from "./honest.ts";
import { inPlaceOf, next, reach, stranger } from "./raw_peer.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const withAdmin: SceneOptions = { more: (name, { admin }) => name === "alice" ? { admin } : {} };

function warnings(scene: Scene, name: string, code: string): number {
  const { events, peer } = scene.everyone(name);
  return events.reduce(
    (sum, event) =>
      event.type === "warning" && event.peer === peer && event.code === code ? sum + event.count : sum,
    0,
  );
}

Deno.test("A stranger reaches no protocol of any node while no invite is open, and is counted", async () => {
  await using scene = await Scene.start(withAdmin);
  const eve = await stranger(scene);
  for (const name of all) {
    for (const protocol of Object.values(protocols)) await assert.rejects(reach(scene, eve, name, protocol));
    await scene.clock.pass(1_100);
    assert.equal(warnings(scene, name, "unauthentic-frame"), Object.keys(protocols).length, name);
  }
  await assertWorks(scene);
});

Deno.test("A stranger reaches the join protocol only, and with few words, while an invite is open", async () => {
  await using scene = await Scene.start(withAdmin);
  scene.node("alice").invite({ rights: ["observer"] });
  const eve = await stranger(scene);
  for (const protocol of Object.values(protocols)) {
    if (protocol === protocols.join) continue;
    assert.equal(await next(scene, await reach(scene, eve, "alice", protocol)), "broken", protocol);
  }
  const channel = await reach(scene, eve, "alice", protocols.join);
  await channel.send(new Uint8Array(maxJoinFrame + 1));
  assert.equal(await next(scene, channel), "broken");
  assert.equal(warnings(scene, "alice", "oversized-frame"), 1);
  const silent = await reach(scene, eve, "alice", protocols.join);
  assert.equal(await next(scene, silent, 6_000), "broken", "who says nothing is hung up on");
  await assert.rejects(reach(scene, eve, "bob", protocols.join), "bob has no admin key and no invite");
  await assertWorks(scene);
});

Deno.test("A stranger does not get in with a token that was used, has expired, was made up, or is another cluster's", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const join = async (seed: string, invitation: Invitation) => {
    const { network, identity, random } = await stranger(scene, seed);
    const { signal } = new AbortController();
    const { clock } = scene;
    return await clock.until(askToJoin(network, identity, invitation, { name: seed, clock, random, signal }));
  };
  const refused = { name: "InputError", field: "invitation" };
  const once = alice.invite({ rights: ["initiator", "manager", "observer"] });
  const roster = await join("eve", once);
  assert.equal(roster.version, 2);
  await assert.rejects(join("mallory", once), refused, "used");
  const brief = alice.invite({ rights: ["observer"], ms: 1_000 });
  await scene.clock.pass(1_000);
  await assert.rejects(join("mallory", brief), refused, "expired");
  const open = alice.invite({ rights: ["observer"] });
  await assert.rejects(join("mallory", { ...open, token: new Uint8Array(16) }), refused, "made up");
  await assert.rejects(join("oscar", { ...open, cluster: scene.peer("bob") }), refused, "another cluster's");
  await scene.clock.pass(6_000);
  const names = alice.roster.peers.map(({ name }) => name);
  assert.ok(!names.includes("mallory"), names.join());
  await assertWorks(scene);
});

Deno.test("sign() succeeds while a stranger and a member of no session send a thousand junk frames to everyone", async () => {
  await using scene = await Scene.start({ ...withAdmin, names: [...all, "dave"], threshold: 3 });
  scene.node("alice").invite({ rights: ["observer"] });
  const eve = await stranger(scene);
  const dave = await inPlaceOf(scene, "dave");
  const signing = scene.watch(() => {
    const session = scene.node("alice").sign({
      wallet: "treasury",
      scheme: "ed25519",
      message: hello,
      signers: all.map((name) => scene.peer(name)),
    });
    void flood();
    return session;
  });
  let sent = 0;
  async function flood(): Promise<void> {
    for (let i = 0; i < 1_000; i++) {
      const name = all[i % 3]!;
      const [by, protocol] = i % 2
        ? [eve, protocols.join] as const
        : [dave, Object.values(protocols)[i % 7]!] as const;
      const junk = i % 5 === 0 ? new Uint8Array(maxFrame + (1 << 15)) : new TextEncoder().encode(`junk ${i}`);
      await reach(scene, by, name, protocol).then((channel) => channel.send(junk)).then(
        () => sent++,
        () => {},
      );
      if (i % 10 === 0) await Promise.resolve();
    }
  }
  const seen = await signing;
  assert.ok(seen.value, seen.error?.code);
  await scene.clock.pass(6_000); // streams that said nothing are hung up on, and what was counted is told
  for (const name of all) {
    assert.equal(terminalOf(seen, name).type, "done");
    assert.ok(
      warnings(scene, name, "unauthentic-frame") + warnings(scene, name, "oversized-frame") > 10,
      name,
    );
  }
  assert.ok(sent > 400, `${sent}`);
  await dave.network.stop();
  await scene.cluster.boot("dave");
  await assertWorks(scene);
});

Deno.test("Streams of sessions that nobody knows, and of sessions that are over, are hung up on and counted", async () => {
  await using scene = await Scene.start({ names: [...all, "dave"], threshold: 3 });
  const { openingRecord, openRecord } = await import("../../src/session/control.ts");
  const { sign } = await import("../../src/session/signed.ts");
  const signed = await scene.sign(all);
  const { attempt, session } = signed.view("alice").at(-1)!;
  const dave = await inPlaceOf(scene, "dave");
  const link = new Uint8Array(32);
  const cases = [
    ["late-message", Uint8Array.fromHex(attempt!), Uint8Array.fromHex(session!)],
    ["unknown-session", new Uint8Array(32), new Uint8Array(32)],
  ] as const;
  for (const [code, attempt, session] of cases) {
    const channel = await reach(scene, dave, "alice", protocols.session);
    const open = (await sign(dave.identity, openRecord, { kind: "sign", attempt, session, link })).encoded;
    await channel.send(openingRecord.encode({ open, go: new Uint8Array() }));
    assert.equal(await next(scene, channel), "broken");
    assert.equal(warnings(scene, "alice", code), 1, code);
  }
  await dave.network.stop();
  await scene.cluster.boot("dave");
  await assertWorks(scene);
});
