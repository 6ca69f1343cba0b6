import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { InputError, type SessionError } from "../../src/errors.ts";
import { defaultLimits } from "../../src/limits.ts";
import type { DrawnTask, Task, Vault } from "../../src/ports.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { assertFails, assertWorks, terminalOf } from "./honest.ts";
import { Scene, type SceneOptions } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const message = new Uint8Array(1);

Deno.test("sign() and generateKey() of whoever only asks name all who are not there when nothing was handed over to anybody", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  await scene.clock.pass(3_000);
  for (const name of ["alice", "bob", "carol"]) scene.cluster.kill(name);
  await scene.clock.pass(1_000);
  const eve = scene.node("eve");
  const everybody = ["alice", "bob", "carol"].map((name) => scene.peer(name)).sort();
  const { wallet, scheme } = scene.key;
  const acts = [
    () => eve.sign({ wallet, scheme, message }),
    () => eve.generateKey({ wallet: "other", scheme, threshold: 2 }),
  ];
  for (const act of acts) {
    const { error } = await scene.watch<unknown>(act);
    assert.deepEqual([error?.code, error?.missing], ["not-enough-peers", everybody]);
  }
});

Deno.test("sign() ends with not-enough-peers, naming who could not be reached, and works when they are back", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  await scene.clock.pass(6_000); // a node that has just started waits for its peers
  scene.cluster.kill("bob");
  await scene.clock.pass(1_000);
  const seen = await scene.sign(all);
  assertFails(scene, seen, "alice", {
    code: "not-enough-peers",
    missing: ["bob"],
    phase: "inviting",
    key: "safe",
  });
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("sign() ends with link-lost when frames are changed on their way, blames nobody, and the link is made anew", async () => {
  let spoil = false;
  await using scene = await Scene.start({
    threshold: 2,
    carry: (_clock, nameOf) => ({ from, protocol, bytes }) => {
      const sealed = new TextDecoder().decode(bytes).includes("quorate/2/frame");
      const hit = spoil && sealed && protocol.startsWith("/quorate/session/") && nameOf(from) === "bob";
      return [{ bytes: hit ? bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) : bytes, afterMs: 0 }];
    },
  });
  spoil = true;
  const seen = await scene.sign(["alice", "bob"]);
  spoil = false;
  const end = assertFails(scene, seen, "alice", { code: "link-lost", missing: ["bob"], key: "safe" });
  assert.equal(end.remedy, "retry");
  const told = scene.everyone("alice").events.filter((event) =>
    event.type === "link" && event.peer === scene.peer("alice")
  );
  assert.ok(told.some((event) => event.type === "link" && event.state === "lost"));
  await assertWorks(scene);
});

type Draw = Vault["draw"];
type Run = DrawnTask["run"];

/** Bob's vault, spoilt. */
function withVault(change: (draw: Draw) => Draw): SceneOptions {
  let made = 0;
  return {
    vault: (identity, random, clock) => {
      const vault = shareVault({ secrets: identity.secrets(), peer: identity.peer, random, clock });
      return ++made === 2 ? { ...vault, draw: change((task) => vault.draw(task)) } : vault;
    },
  };
}

/** Bob's vault, which draws as it should and runs what it has drawn in another way. */
const withRun = (change: (run: Run, task: Task) => Run): SceneOptions =>
  withVault((draw) => async (task) => {
    const drawn = await draw(task);
    const run = change((agreed, io) => drawn.run(agreed, io), task);
    return { firstRound: drawn.firstRound, run, [Symbol.dispose]: () => drawn[Symbol.dispose]() };
  });

Deno.test("sign() does not let out a signature that does not verify, whoever computed it", async () => {
  let spoil = true;
  await using scene = await Scene.start({
    threshold: 2,
    ...withRun((run) => async (agreed, io) => {
      const outcome = await run(agreed, io);
      return spoil && outcome.kind === "sign"
        ? { kind: "sign", signatures: outcome.signatures.map((bytes) => bytes.with(0, bytes[0]! ^ 1)) }
        : outcome;
    }),
  });
  const seen = await scene.sign(["alice", "bob"]);
  const end = assertFails(scene, seen, "bob", { code: "result-rejected", phase: "exchanging", key: "safe" });
  assert.equal(end.remedy, "stop");
  spoil = false;
  await assertWorks(scene);
});

Deno.test("sign() ends with internal for a bug of this node, and tells the others its code and no more", async () => {
  let spoil = true;
  await using scene = await Scene.start({
    threshold: 2,
    ...withRun((run, task) => (agreed, io) =>
      spoil && task.kind === "sign" ? Promise.reject(new Error("secret 0xdeadbeef")) : run(agreed, io)
    ),
  });
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "bob", { code: "internal", key: "safe" });
  assertFails(scene, seen, "alice", {
    code: "aborted-by-peer",
    claims: [{ by: "bob", code: "internal", peers: [] }],
  });
  const told = JSON.stringify([...scene.cluster.nodes.values()].map(({ events }) => events));
  assert.ok(!told.includes("deadbeef"));
  spoil = false;
  await assertWorks(scene);
});

Deno.test("sign() ends with share-corrupt when this node's share has rotted, before it accepts, and blames nobody", async () => {
  let spoil = true;
  await using scene = await Scene.start({
    threshold: 2,
    ...withVault((draw) => (task) =>
      draw(
        spoil && task.kind === "sign"
          ? { ...task, share: task.share.with(-1, task.share.at(-1)! ^ 1) }
          : task,
      )
    ),
  });
  const asked = await scene.sign(["alice", "bob"]);
  assertFails(scene, asked, "alice", {
    code: "declined",
    claims: [{ by: "bob", code: "share-corrupt", peers: [] }],
    phase: "inviting",
    key: "safe",
  });
  assert.deepEqual(asked.view("bob"), []);
  const asking = await scene.sign(["bob", "alice"]);
  assertFails(scene, asking, "bob", { code: "share-corrupt", phase: "inviting", key: "safe" });
  assert.deepEqual(asking.view("alice"), []);
  spoil = false;
  await assertWorks(scene);
});

Deno.test("stop() ends a session under way with shutdown, and the others do not blame who stopped", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  scene.arm("carol", cheats.get("silence")!);
  const bob = scene.cluster.at("bob");
  scene.clock.timer(1_000, () => void bob.node.stop());
  const seen = await scene.sign(all);
  assertFails(scene, seen, "bob", { code: "shutdown", key: "safe" });
  const end = terminalOf(seen, "alice");
  assert.ok(end.type === "failed");
  assert.deepEqual(end.culprits, []);
  scene.cluster.nodes.delete("bob");
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("interrupt() ends every session under way with suspended, and the node goes on with the next", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  scene.arm("carol", cheats.get("silence")!);
  scene.clock.timer(1_000, () => scene.node("bob").interrupt());
  const seen = await scene.sign(all);
  assertFails(scene, seen, "bob", { code: "suspended", key: "safe" });
  assertFails(scene, seen, "alice", {
    code: "aborted-by-peer",
    claims: [{ by: "bob", code: "suspended", peers: [] }],
  });
  await assertWorks(scene);
});

Deno.test("sign() is refused with overloaded at once when 256 commands wait", async () => {
  assert.deepEqual([defaultLimits.sessions, defaultLimits.queued], [64, 256]);
  const deaf = { on: false };
  await using scene = await Scene.start({
    threshold: 2,
    carry: (_clock, nameOf) => ({ bytes, protocol, from }) =>
      protocol === protocols.invite && nameOf(from) === "bob" && deaf.on ? [] : [{ bytes, afterMs: 0 }],
  });
  deaf.on = true;
  const { node } = scene.cluster.at("alice");
  const signers = [scene.peer("alice"), scene.peer("bob")];
  const begin = () => node.sign({ wallet: "treasury", scheme: "ed25519", message, signers });
  // Four are being proposed, and bob says nothing to any of them; the others wait.
  const waiting = Array.from({ length: 4 + 256 }, begin);
  await scene.clock.pass(1_000);
  const at = scene.clock.now();
  const seen = await scene.watch(begin);
  assertFails(scene, seen, "alice", { code: "overloaded", phase: "inviting", key: "safe" });
  assert.ok(terminalOf(seen, "alice").at - at < 50);
  for (const session of waiting) session.cancel();
  const ended = await scene.clock.until(Promise.allSettled(waiting.map(({ result }) => result)));
  assert.ok(ended.every((one) => one.status === "rejected" && one.reason.code === "cancelled"));
  const signed = await scene.sign(["alice", "carol"]);
  assert.ok(signed.value, signed.error?.code);
});

Deno.test("sign() is declined with overloaded by a member that is in as many sessions as it may be", async () => {
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) => name === "bob" ? { limits: { sessions: 3 } } : {},
  });
  scene.arm("bob", cheats.get("silence")!, { once: false });
  const signers = (name: string) => [scene.peer(name), scene.peer("bob")];
  const sign = (name: string) =>
    scene.node(name).sign({ wallet: "treasury", scheme: "ed25519", message, signers: signers(name) });
  const running = [sign("alice"), sign("alice"), sign("carol")];
  await scene.clock.pass(100);
  const at = scene.clock.now();
  const seen = await scene.watch(() => sign("carol"));
  const end = assertFails(scene, seen, "carol", {
    code: "declined",
    claims: [{ by: "bob", code: "overloaded", peers: [] }],
    phase: "inviting",
  });
  assert.ok(end.at - at < 50);
  await scene.clock.until(Promise.allSettled(running.map(({ result }) => result)));
  await scene.clock.pass(1_000); // bob has computed its signatures, and withholds them until it is told of the end
  await assertWorks(scene);
});

Deno.test("Bad input is refused before anything is begun, in a sentence that names the field and what was found", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const { node } = scene.cluster.at("alice");
  const [alice, bob] = all.map((name) => scene.peer(name));
  const before = await scene.rows("alice");
  const generate = (changes: object) => () =>
    node.generateKey({ wallet: "w", scheme: "ed25519", threshold: 2, ...changes });
  const sign = (changes: object) => () =>
    node.sign({ wallet: "treasury", scheme: "ed25519", message, ...changes });
  const bad: [() => unknown, string, RegExp][] = [
    [generate({ threshold: 1 }), "threshold", /expected 2 to 3, found 1/],
    [generate({ threshold: 4 }), "threshold", /found 4/],
    [generate({ threshold: 2.5 }), "threshold", /found 2\.5/],
    [generate({ threshold: "2" }), "threshold", /found 2/],
    [generate({ members: [alice] }), "members", /found 1/],
    [generate({ members: [alice, alice] }), "members", /twice/],
    [generate({ members: [alice, "12D3KooWNobody"] }), "members", /12D3KooWNobody/],
    [generate({ members: [alice, scene.peer("eve")] }), "members", /holders/],
    [generate({ wallet: "" }), "wallet", /found 0/],
    [generate({ wallet: "x".repeat(65) }), "wallet", /found 65/],
    [generate({ wallet: 7 }), "wallet", /expected/],
    [generate({ wallet: "treasury" }), "wallet", /“treasury”/],
    [generate({ scheme: "p256" }), "scheme", /p256/],
    [sign({ wallet: "nothing" }), "wallet", /“nothing”/],
    [sign({ scheme: "p256" }), "scheme", /p256/],
    [sign({ message: new Uint8Array(64 * 1024 + 1) }), "message", /found 65537/],
    [sign({ message: "text" }), "message", /expected/],
    [sign({ signers: [alice] }), "signers", /expected 2, found 1/],
    [sign({ signers: [alice, alice] }), "signers", /twice/],
    [sign({ signers: [bob, "12D3KooWNobody"] }), "signers", /12D3KooWNobody/],
  ];
  const events = scene.everyone("alice").events.length;
  for (const [act, field, sentence] of bad) {
    assert.throws(act, (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.equal(error.field, field, error.message);
      assert.match(error.message, sentence);
      return true;
    });
  }
  await scene.clock.pass(100);
  assert.equal(scene.everyone("alice").events.slice(events).filter((event) => "attempt" in event).length, 0);
  assert.deepEqual(await scene.rows("alice"), before);
  await assertWorks(scene);
});

Deno.test("sign() at a node that stops before its command was handed over ends with shutdown, and nobody is away", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const { wallet, scheme } = scene.key;
  const { result } = scene.node("eve").sign({ wallet, scheme, message: new TextEncoder().encode("hello") });
  const failed = result.then(() => null, (error: SessionError) => error);
  await scene.clock.until(scene.node("eve").stop());
  const error = await scene.clock.until(failed);
  assert.equal(error?.code, "shutdown");
  assert.deepEqual(error?.missing, []);
});
