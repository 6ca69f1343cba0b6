import assert from "node:assert/strict";
import type { Approve } from "../../mod.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { SessionError } from "../../src/errors.ts";
import { isTerminal, type SessionEvent } from "../../src/events.ts";
import { hello, Scene } from "./scene.ts";

const id = "0123456789abcdef".repeat(2);

/** All events of a session, once it has ended. */
async function historyOf(events: ReadableStream<SessionEvent>): Promise<SessionEvent[]> {
  const all: SessionEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

Deno.test("sign() with an id of the caller's choice has it at every peer, and another command with it ends with id-reused", async () => {
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
  assert.equal(await code(second.result), "id-reused");
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

  // After its end, here and after a restart: the same request gives the same signature, another one is refused.
  const { bytes } = await first.result;
  for (const again of [false, true]) {
    if (again) {
      scene.cluster.kill("alice");
      await scene.cluster.boot("alice");
      await scene.clock.pass(5_000);
    }
    const asks = scene.node("alice");
    const same = asks.sign(request);
    assert.deepEqual((await scene.clock.until(same.result)).bytes, bytes);
    assert.deepEqual((await historyOf(same.events())).map(({ type }) => type).at(-1), "done");
    const other = scene.node("alice").sign({ ...request, note: "another reason", id });
    assert.equal(await code(other.result), "id-reused");
    const events = (await historyOf(other.events())).map(({ type }) => type);
    assert.deepEqual(events, ["failed"]);
  }
  const told = scene.everyone("bob").events.filter((event) => "attempt" in event && event.id === id);
  const sessions = told.flatMap((event) => "session" in event ? event.session ?? [] : []);
  assert.equal(new Set(sessions).size, 1, "there was one session");
});

/** A scene of three holders, of whom two sign, and eve, who asks. */
const withEve = () => Scene.start({ threshold: 2, consoles: ["eve"] });

Deno.test("sign() again with its id after a restart of a console gives the signature, an array if it was asked for as a batch", async () => {
  await using scene = await withEve();
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id } as const;
  const { bytes } = await scene.clock.until(scene.node("eve").sign(request).result);
  scene.cluster.kill("eve");
  await scene.cluster.boot("eve");
  await scene.known("treasury");
  const again = scene.node("eve").sign(request);
  assert.deepEqual((await scene.clock.until(again.result)).bytes, bytes);
  const { wallet, scheme } = request;
  const batch = scene.node("eve").sign({ wallet, scheme, id, items: [{ message: hello }] });
  assert.deepEqual((await scene.clock.until(batch.result)).map((one) => one.bytes), [bytes]);
});

Deno.test("sign() of something else under an id that was used before a restart of a console ends with id-reused", async () => {
  await using scene = await withEve();
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id } as const;
  await scene.clock.until(scene.node("eve").sign(request).result);
  scene.cluster.kill("eve");
  await scene.cluster.boot("eve");
  await scene.known("treasury");
  for (
    const change of [{ message: new Uint8Array(4) }, { note: "for Bob" }, {
      signers: scene.key.members.slice(1),
    }]
  ) {
    const other = scene.node("eve").sign({ ...request, ...change });
    const said = other.result.then(() => "done", (error) => error.code as string);
    assert.equal(await scene.clock.until(said), "id-reused", Object.keys(change).join());
    scene.cluster.kill("eve");
    await scene.cluster.boot("eve");
    await scene.known("treasury");
  }
});

Deno.test("sign() again with its id gives its failure, also after a restart of a console, and leaves no row: after one of its coordinator it is new", async () => {
  await using scene = await withEve();
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id, signers } as const;
  scene.cluster.kill("bob");
  await scene.clock.pass(1_000);
  const fails = (session: { result: Promise<unknown> }) =>
    scene.clock.until(session.result.then(() => "done", (error) => error.code as string));
  assert.equal(await fails(scene.node("eve").sign(request)), "not-enough-peers");
  await scene.clock.pass(2_000);
  await scene.cluster.boot("bob");
  const restart = async (name: string) => {
    scene.cluster.kill(name);
    await scene.cluster.boot(name);
    await scene.cluster.linked();
    await scene.known("treasury");
    await scene.clock.pass(2_000);
  };
  await restart("eve");
  assert.equal(await fails(scene.node("eve").sign(request)), "not-enough-peers");
  await assert.rejects(scene.clock.until(scene.node("eve").outcome(id)), { code: "not-enough-peers" });
  assert.equal(await fails(scene.node("eve").sign({ ...request, message: new Uint8Array(3) })), "id-reused");
  for (const name of ["alice", "eve"]) await restart(name);
  await assert.doesNotReject(scene.clock.until(scene.node("eve").sign(request).result));
});

Deno.test("generateKey() and reshare() again with their ids after a restart give the key that they made", async () => {
  await using scene = await withEve();
  const made = { wallet: "savings", scheme: "ed25519", threshold: 2, id } as const;
  const first = await scene.clock.until(scene.node("eve").generateKey(made).result);
  const id2 = "f".repeat(32);
  const members = ["alice", "bob"].map((name) => scene.peer(name));
  const dealt = { wallet: "savings", scheme: "ed25519", threshold: 2, members, id: id2 } as const;
  const restart = async () => {
    scene.cluster.kill("eve");
    await scene.cluster.boot("eve");
    await scene.known("savings");
  };
  await restart();
  const again = await scene.clock.until(scene.node("eve").generateKey(made).result);
  assert.equal(again.session, first.session);
  const next = await scene.clock.until(scene.node("eve").reshare(dealt).result);
  assert.equal(next.epoch, 2);
  await scene.clock.pass(2_000);
  await restart();
  await scene.clock.pass(2_000);
  const nextAgain = await scene.clock.until(scene.node("eve").reshare(dealt).result);
  assert.equal(nextAgain.session, next.session, "the key was not dealt a third time");
  const outcome = await scene.clock.until(scene.node("eve").outcome(id2));
  assert.ok(outcome.state === "made" && outcome.key.session === next.session);
});

/** A scene in which people are asked about signatures, and say yes once `answer` was called. */
async function withPeople() {
  const waiting: (() => void)[] = [];
  let have = false;
  const scene = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: () => ({
      approve: ({ kind }) =>
        kind === "sign" && !have
          ? new Promise((resolve) => waiting.push(() => resolve("accept")))
          : Promise.resolve("accept"),
    }),
  });
  const answer = () => {
    have = true;
    for (const one of waiting.splice(0)) one();
  };
  const signers = scene.inOrder(["alice", "bob"]).map((name) => scene.peer(name));
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id, signers } as const;
  const first = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const coordinator = ["alice", "bob"].find((name) =>
    scene.view(name, id).some(({ type }) => type === "proposed")
  )!;
  scene.cluster.kill(coordinator);
  await assert.rejects(scene.clock.until(first.result), { code: "peer-left" });
  await scene.cluster.boot(coordinator);
  await scene.cluster.linked();
  await scene.clock.pass(1_000);
  return { scene, request, answer, first };
}

Deno.test("sign() again with an id after a failure in the same process is carried out, and its events end as its result does", async () => {
  const { scene, request, answer, first } = await withPeople();
  await using _scene = scene;
  const again = scene.node("eve").sign(request);
  const third = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  answer();
  const end = (result: typeof again.result) =>
    scene.clock.until(result.then(({ bytes }) => bytes.toHex(), (error: SessionError) => error.code));
  const signature = await end(again.result);
  assert.equal(signature.length, 128, signature);
  assert.equal(await end(third.result), signature, "whoever asks meanwhile joins");
  assert.deepEqual((await historyOf(again.events())).filter(isTerminal).map(({ type }) => type), ["done"]);
  assert.deepEqual((await historyOf(first.events())).filter(isTerminal).map(({ type }) => type), ["failed"]);
});

Deno.test("cancel() of what is asked for again after a failure in the same process ends it for everyone with cancelled", async () => {
  const { scene, request } = await withPeople();
  await using _scene = scene;
  const again = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  again.cancel();
  await assert.rejects(scene.clock.until(again.result), { code: "cancelled" });
  await assert.rejects(scene.clock.until(scene.node("eve").outcome(id)), { code: "cancelled" });
  const ends = (await historyOf(again.events())).filter(isTerminal);
  assert.deepEqual(ends.map((event) => event.type === "failed" && event.code), ["cancelled"]);
  // What it has come to stays, however often it is asked for.
  await assert.rejects(scene.clock.until(scene.node("eve").sign(request).result), { code: "cancelled" });
});

Deno.test("sign() again with an id after a failure in the same process ends with its signal's reason if that aborts during the questions", async () => {
  const { scene, request } = await withPeople();
  await using _scene = scene;
  const { network } = scene.node("eve");
  const open = network.open.bind(network);
  const signal = new AbortController();
  const reason = new Error("not wanted any more");
  const again = scene.node("eve").sign(request, { signal: signal.signal });
  network.open = (peer, protocol, options) => {
    if (protocol === protocols.outcome) signal.abort(reason);
    return open(peer, protocol, options);
  };
  const ended = again.result.then(() => null, (error: SessionError) => error);
  const error = await scene.clock.until(ended);
  assert.equal(signal.signal.aborted, true);
  assert.deepEqual([error?.code, error?.cause], ["cancelled", reason]);
  const ends = (await historyOf(again.events())).filter(isTerminal);
  assert.deepEqual(ends.map((event) => event.type === "failed" && event.code), ["cancelled"]);
});

Deno.test("sign() again with an id after a refusal in the same process gives the refusal as it was", async () => {
  await using scene = await Scene.start({
    threshold: 2,
    consoles: ["eve"],
    node: (name) =>
      name === "bob"
        ? { approve: ({ kind }) => Promise.resolve(kind === "sign" ? "decline" : "accept") }
        : {},
  });
  const signers = ["alice", "bob"].map((name) => scene.peer(name));
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id, signers } as const;
  const ask = () =>
    scene.clock.until(
      scene.node("eve").sign(request).result.then(() => null, (error: SessionError) => error),
    );
  const first = await ask();
  await scene.clock.pass(1_000);
  assert.ok(first);
  assert.deepEqual(first.claims, [{ by: scene.peer("bob"), code: "declined", peers: [] }]);
  const again = await ask();
  assert.deepEqual([again?.code, again?.claims], [first.code, first.claims]);
});

for (const [count, about] of [[1, "a holder whose rows of ids are damaged"], [2, "all whose are"]] as const) {
  Deno.test(`sign() again with its id counts ${about} as one that may have signed`, async () => {
    await using scene = await withEve();
    const request = { wallet: "treasury", scheme: "ed25519", message: hello, id } as const;
    await scene.clock.until(scene.node("eve").sign(request).result);
    await scene.clock.pass(2_000);
    const signers = scene.names.filter((name) => scene.view(name, id).some(({ type }) => type === "opened"));
    const damaged = signers.slice(0, count);
    for (const name of [...signers, "eve"]) scene.cluster.kill(name);
    for (const { store } of damaged.map((name) => scene.everyone(name))) {
      for (const row of [...await store.names("command/"), ...await store.names("outcome/")]) {
        await store.swap(row, (await store.get(row))!.version, new Uint8Array(40));
      }
    }
    for (const name of [...damaged, "eve"]) await scene.cluster.boot(name);
    await scene.known("treasury");
    await scene.clock.pass(12_000);
    const again = scene.node("eve").sign(request);
    const error = await scene.clock.until(again.result.then(() => null, (error: SessionError) => error));
    assert.equal(error?.code, "outcome-unknown");
    assert.deepEqual(error.missing, scene.inOrder(signers).map((name) => scene.peer(name)));
    // What is new is signed all the same, where the others know nothing of it.
    if (count === 2) return;
    await scene.cluster.boot(signers[1]!);
    await scene.clock.pass(90_000); // of the damaged minute it takes nothing
    const other = scene.node("eve").sign({ ...request, id: "9".repeat(32) });
    await assert.doesNotReject(scene.clock.until(other.result));
  });
}

Deno.test("outcome() of what this process has signed is its signature, also while everyone who signed is away", async () => {
  await using scene = await withEve();
  const { bytes } = await scene.clock.until(
    scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello, id }).result,
  );
  for (const name of scene.names) scene.cluster.kill(name);
  await scene.clock.pass(2_000);
  const outcome = await scene.clock.until(scene.node("eve").outcome(id));
  assert.ok(outcome.state === "signed", outcome.state);
  assert.deepEqual(outcome.signatures.map((signature) => signature.bytes), [bytes]);
});

Deno.test("outcome() of what this process has signed is its signature, whatever those that answer have lost", async () => {
  await using scene = await withEve();
  const { bytes } = await scene.clock.until(
    scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello, id }).result,
  );
  // The member crashes before its outcome is on disk, and the coordinator, which has it, is away.
  const has = (type: string) =>
    scene.names.filter((name) => scene.view(name, id).some((e) => e.type === type));
  const [coordinator] = has("proposed");
  const [member] = has("opened").filter((name) => name !== coordinator);
  scene.cluster.kill(coordinator!);
  scene.cluster.kill(member!);
  await scene.cluster.boot(member!);
  await scene.clock.pass(5_000);
  const outcome = scene.node("eve").outcome(id);
  const code = outcome.then(({ state }) => state as string, (error: SessionError) => error.code);
  assert.equal(await scene.clock.until(code), "signed");
  const told = await outcome;
  assert.deepEqual(told.state === "signed" && told.signatures.map((signature) => signature.bytes), [bytes]);
});
