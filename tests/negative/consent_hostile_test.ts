import assert from "node:assert/strict";
import type { Approve } from "../../mod.ts";
import { commandRecord } from "../../src/cluster/records/command.ts";
import { checkCommand } from "../../src/cluster/commands/check_command.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { encodeOrder } from "../../src/cluster/records/order.ts";
import { formatRoster, rosterHash, signRoster } from "../../src/cluster/roster/roster.ts";
import { questionRecord } from "../../src/cluster/roster/sync_question.ts";
import type { Scheme } from "../../src/events.ts";
import { maxAskingPerInitiator } from "../../src/limits.ts";
import type { SignItem } from "../../src/schemes/scheme.ts";
import { askingRecord, attemptOf, declineRecord, goRecord, inviteRecord } from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { item } from "../sim/item.ts";
import { answers } from "./by_hand.ts";
import { acceptOf, commandOf, next } from "./raw_peer.ts";
import { assertFails } from "./honest.ts";
import { hello, Scene } from "./scene.ts";

const never = () => new Promise<never>(() => {});
/** A hook that answers about signatures only. */
const signatures = (answer: Approve): Approve => (request, options) =>
  request.kind === "generate" ? Promise.resolve("accept") : answer(request, options);

Deno.test("Consent: an item is a message or a digest, never both and never neither", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity } = scene.everyone("alice");
  const digest = new Uint8Array(32).fill(7);
  const ways: [Scheme, readonly SignItem[], boolean][] = [
    ["ecdsa", [item({ hash: "sha256", message: hello, digest })], false],
    ["ecdsa", [item({ hash: "sha256", digest })], true],
    ["ecdsa", [], false],
    ["ed25519", [item({ digest })], false],
    ["ed25519", [], false],
    ["ed25519", [item()], true], // the empty message
  ];
  for (const [scheme, items, good] of ways) {
    const about = { kind: "sign" as const, members: [], threshold: 0 };
    const encoded = await commandOf(scene, identity, { ...about, scheme, items });
    const command = (await readSigned(identity, commandRecord, encoded))!;
    const checked = () => checkCommand({ command, items }, scene.cluster.roster, scene.clock.now());
    if (good) checked();
    else assert.throws(checked, { code: "session-mismatch" });
  }
});

Deno.test("Consent: after the coordinator's own no nobody else is asked", async () => {
  const asked: string[] = [];
  const box = { coordinator: "" };
  await using scene = await Scene.start({
    threshold: 2,
    names: ["alice", "bob", "carol", "dave"],
    consoles: ["eve"],
    node: (name) => ({
      approve: signatures(() => {
        asked.push(name);
        return name === box.coordinator ? Promise.resolve("decline") : never();
      }),
    }),
  });
  box.coordinator = scene.inOrder()[0]!;
  const seen = await scene.watch(() =>
    scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
  );
  assert.equal(seen.error?.code, "declined");
  assert.equal(asked.filter((name) => name === box.coordinator).length, 1);
  assert.equal(seen.view(box.coordinator).filter(({ type }) => type === "proposed").length, 1);
});

Deno.test("Consent: whose rule breaks ends the command at once, and no question stays open elsewhere", async () => {
  const open = new Set<string>();
  const coordinators = new Set<string>();
  await using scene = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: (name) => ({
      approve: signatures((_request, { signal }) => {
        if (name === "alice") throw new Error("the policy service is down");
        open.add(name);
        signal.addEventListener("abort", () => open.delete(name));
        return never();
      }),
    }),
  });
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  for (const coordinator of ["alice", "bob"]) {
    if (scene.inOrder(["alice", "bob"])[0] === coordinator) coordinators.add(coordinator);
  }
  const seen = await scene.watch(() =>
    scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello, signers })
  );
  assert.ok(["internal", "declined", "aborted-by-peer"].includes(seen.error!.code), seen.error!.code);
  await scene.clock.pass(10_000);
  assert.deepEqual([...open], []);
  for (const name of coordinators) {
    assert.equal(seen.view(name).at(-1)?.type, "failed", "nothing is told after the end");
  }
});

Deno.test("Consent: a member that says at once that its person did not answer keeps nobody from signing", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity } = scene.everyone("carol");
  answers(scene, "carol", async (channel, attempt) => {
    const decline = await sign(identity, declineRecord, { attempt, code: "unanswered", peers: [] });
    await channel.send(decline.encoded);
    await channel.end();
  });
  for (let i = 0; i < 5; i++) {
    const seen = await scene.watch(() =>
      scene.node("alice").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
    );
    assert.ok(seen.value, seen.error?.code);
  }
});

Deno.test("Consent: who accepts and hangs up before the go uses up nobody's command, and nobody is blamed", async () => {
  const box: { scene?: Scene } = {};
  const slow: Approve = signatures(async () => {
    await new Promise<void>((resolve) => box.scene!.clock.timer(30, resolve));
    return "accept";
  });
  await using scene = await Scene.start({
    threshold: 3,
    names: ["alice", "bob", "carol", "dave"],
    node: (name) => name === "bob" || name === "dave" ? { approve: slow } : {},
  });
  box.scene = scene;
  const { identity } = scene.everyone("carol");
  answers(scene, "carol", async (channel, attempt) => {
    await channel.send(await acceptOf(identity, attempt));
    await new Promise<void>((resolve) => scene.clock.timer(10, resolve));
    channel.abort();
  });
  for (let i = 0; i < 6; i++) {
    const seen = await scene.watch(() =>
      scene.node("alice").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
    );
    if (seen.value) continue;
    for (const name of ["alice", "bob", "dave"]) {
      const end = seen.view(name).at(-1);
      if (end?.type !== "failed") continue;
      assert.notEqual(end.code, "replayed-command", name);
      assert.ok(!end.claims.some(({ code }) => code === "replayed-command"), name);
      assert.deepEqual(end.culprits, [], name);
    }
  }
});

Deno.test("Consent: after a go no other party is proposed: who has accepted and hung up is missing, and blamed for nothing", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity } = scene.everyone("carol");
  let accepted = 0;
  answers(scene, "carol", async (channel, attempt) => {
    await channel.send(await acceptOf(identity, attempt));
    await new Promise<void>((resolve) => scene.clock.timer(1, resolve));
    channel.abort();
    accepted++;
  });
  for (let tries = 0; accepted < 2; tries++) {
    assert.ok(tries < 40, "carol is never invited");
    const before = accepted;
    const seen = await scene.watch(() =>
      scene.node("alice").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
    );
    assert.equal(seen.view("alice").filter(({ type }) => type === "proposed").length, 1);
    if (accepted === before) assert.ok(seen.value, seen.error?.code);
    else assertFails(scene, seen, "alice", { code: "peer-left", missing: ["carol"], key: "safe" });
  }
});

Deno.test("Consent: an invite whose stream opens when the party has fallen apart is not sent, so that nobody is asked", async () => {
  const asked: string[] = [];
  await using scene = await Scene.start({
    threshold: 3,
    names: ["alice", "bob", "carol"],
    node: (name) => ({
      approve: signatures(() => {
        asked.push(name);
        return Promise.resolve(name === "carol" ? "decline" : "accept");
      }),
    }),
  });
  const network = scene.node("alice").network;
  const open = network.open.bind(network);
  network.open = async (peer, protocol, options) => {
    if (protocol === protocols.invite && peer === scene.peer("bob")) {
      await new Promise<void>((resolve) => scene.clock.timer(300, resolve));
    }
    return await open(peer, protocol, options);
  };
  const seen = await scene.watch(() =>
    scene.node("alice").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
  );
  await scene.clock.pass(1_000);
  assert.equal(seen.error?.code, "declined");
  assert.deepEqual(asked, ["carol"]);
});

Deno.test("Consent: a coordinator tells once that somebody is being asked, and of one initiator no more than sixteen at a time", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const [coordinator, member] = scene.inOrder(["alice", "bob"]) as [string, string];
  const { identity } = scene.everyone(member);
  answers(scene, member, async (channel, attempt) => {
    const asking = await sign(identity, askingRecord, { attempt });
    for (let i = 0; i < 5; i++) await channel.send(asking.encoded);
    await channel.receive(); // until it is over
  });
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const begun = Array.from(
    { length: maxAskingPerInitiator + 1 },
    () => scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello, signers }),
  );
  const codes: string[] = [];
  for (const { result } of begun) result.catch(({ code }) => codes.push(code));
  await scene.clock.pass(5_000);
  assert.deepEqual(codes, ["overloaded"]);
  for (const { id } of begun) {
    const told = scene.view(coordinator, id).filter(({ type }) => type === "asking").length;
    assert.ok(told <= 1, `${told} times`);
  }
  for (const { cancel } of begun) cancel();
  await scene.clock.until(Promise.allSettled(begun.map(({ result }) => result)));
});

/** Shows a new roster to peers, as anybody may. */
async function shows(
  scene: Scene,
  from: string,
  to: readonly string[],
  roster: Awaited<ReturnType<typeof signRoster>>,
) {
  const shown = new TextEncoder().encode(formatRoster(roster));
  for (const name of to) {
    const channel = await scene.clock.until(
      scene.node(from).network.open(scene.peer(name), protocols.sync, {}),
    );
    await channel.send(questionRecord.encode({ about: "roster", shown }));
  }
}

Deno.test("Consent: a roster that changes while a person thinks does not void the person's yes", async () => {
  const box: { scene?: Scene } = {};
  let asked = 0;
  await using scene = await Scene.start({
    threshold: 2,
    node: (name) =>
      name === "bob"
        ? {
          approve: signatures(async () => {
            asked++;
            await new Promise<void>((resolve) => box.scene!.clock.timer(10_000, resolve));
            return "accept";
          }),
        }
        : {},
  });
  box.scene = scene;
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const { result } = scene.node("alice").sign({
    wallet: "treasury",
    scheme: "ed25519",
    message: hello,
    signers,
  });
  await scene.clock.pass(4_000);
  const { admin, roster } = scene.cluster;
  const renamed = roster.peers.map((peer) => ({ ...peer, name: `${peer.name} II` }));
  await shows(scene, "carol", ["alice", "bob"], await signRoster(admin, renamed, roster));
  const outcome = await scene.clock.until(result.then(() => "signed", (error) => error.code));
  assert.equal(scene.node("bob").roster.version, 2);
  assert.equal(outcome, "signed");
  assert.equal(asked, 1);
});

Deno.test("Consent: the go of a command whose initiator was taken out since the accept begins no session", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  const { identity: eve } = scene.everyone("eve");
  const { identity: carol } = scene.everyone("carol");
  const { admin, roster } = scene.cluster;
  const command = await commandOf(scene, eve, {
    kind: "sign",
    wallet: "treasury",
    members: [],
    threshold: 0,
    items: [item({ message: hello })],
    coordinators: [carol.peer],
  });
  const party = ["carol", "bob"].map((name) => scene.peer(name)).sort();
  const invite = await sign(carol, inviteRecord, {
    command,
    party,
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: Uint8Array.fromHex(scene.key.session),
    epoch: 1,
    nonce: new Uint8Array(32),
  });
  const channel = await scene.clock.until(
    scene.node("carol").network.open(scene.peer("bob"), protocols.invite, { maxFrame: 1 << 20 }),
  );
  await channel.send(encodeOrder({ signed: invite.encoded, items: [item({ message: hello })] }));
  const accept = await next(scene, channel, 500);
  assert.ok(accept instanceof Uint8Array);
  const without = roster.peers.filter(({ peer }) => peer !== eve.peer);
  await shows(scene, "carol", ["bob"], await signRoster(admin, without, roster));
  await scene.clock.pass(300);
  assert.equal(scene.node("bob").roster.version, 2);
  const attempt = attemptOf(invite.encoded);
  const own = await acceptOf(carol, attempt);
  const accepts = party.map((peer) => peer === scene.peer("bob") ? accept : own);
  await channel.send((await sign(carol, goRecord, { attempt, accepts })).encoded);
  await scene.clock.pass(1_000);
  const about = scene.everyone("bob").events.filter((event) =>
    "attempt" in event && event.attempt === attempt.toHex() && event.peer === scene.peer("bob")
  );
  assert.deepEqual(about, []);
});
