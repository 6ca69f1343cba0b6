import assert from "node:assert/strict";
import { InputError, verify } from "../../../mod.ts";
import { ExplainedFailure } from "../../../src/cli/control/replies.ts";
import type { RequestOf } from "../../../src/cli/control/requests.ts";
import type { NodeEvent } from "../../../src/events.ts";
import { Pair } from "../../node/pair.ts";
import { Served } from "./served.ts";

const name = { wallet: "treasury", scheme: "ed25519" } as const;
const none = { note: "", reference: "" };
const createKey: RequestOf<"create-key"> = {
  ...{ method: "create-key", ...name, ...none, threshold: 2, waitMs: 10_000 },
};
const sign = (more: Partial<RequestOf<"sign">> = {}): RequestOf<"sign"> => ({
  ...{ method: "sign", ...name, ...none, items: [{ message: "hi" }], waitMs: 10_000 },
  ...more,
});

async function inputErrorOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("It was not refused");
}

/** Whoever takes what comes before a result, and all of it. */
function taken() {
  const lines: string[] = [];
  const notes: string[] = [];
  const events: { event: NodeEvent; lines: string | null }[] = [];
  const takers = {
    progress: (line: string) => void lines.push(line),
    note: (text: string) => void notes.push(text),
    event: (value: unknown) => void events.push(value as { event: NodeEvent; lines: string | null }),
  };
  return { takers, lines, notes, events };
}

Deno.test("a running node makes a key, signs and deals anew over its control socket, and says what it is doing", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  const { takers, lines, notes } = taken();
  const made = await served.ask<"create-key">(createKey, { takers });
  assert.deepEqual([made.key.state, made.key.threshold, made.key.ready], ["active", 2, true]);
  assert.deepEqual(made.key.members.map(({ name }) => name).sort(), ["Alice", "Bob"]);
  assert.ok(
    lines.includes("inviting this peer, Bob …") || lines.includes("inviting Bob, this peer …"),
    lines.join(),
  );

  const items = [{ message: "hi" }, { hex: "00ff" }];
  const { id, signatures } = await served.ask<"sign">(sign({ items, signers: ["Bob", "Alice"] }));
  assert.match(id, /^[0-9a-f]{32}$/);
  const key = { scheme: name.scheme, publicKey: Uint8Array.fromHex(made.key.publicKey) };
  const signed = [new TextEncoder().encode("hi"), Uint8Array.of(0, 255)];
  assert.equal(signatures.length, 2);
  for (const [i, { bytes }] of signatures.entries()) {
    assert.ok(verify(key, signed[i]!, { scheme: name.scheme, bytes: Uint8Array.fromHex(String(bytes)) }));
  }

  const dealt = await served.ask<"reshare">({
    ...{ method: "reshare", ...name, ...none, threshold: 2, members: ["Alice", "Bob"], waitMs: 10_000 },
  }, { takers });
  assert.deepEqual([dealt.key.epoch, dealt.key.publicKey], [2, made.key.publicKey]);
  assert.deepEqual(dealt.key.past.map(({ erased }) => erased.map(({ name }) => name).sort()), [[
    "Alice",
    "Bob",
  ]]);
  assert.match(notes.join("\n"), /^treasury, ed25519: epoch 1, 2 of 2 \(.*\), is dealt anew to 2 of 2/);

  const { keys } = await served.ask<"keys">({ method: "keys", waitMs: 10_000 });
  assert.deepEqual(keys.map(({ wallet, epoch, state }) => [wallet, epoch, state]), [[
    "treasury",
    2,
    "active",
  ]]);
  const status = await served.ask<"status">({ method: "status" });
  assert.deepEqual([status.name, status.locked, status.rolledBack], ["Alice", false, null]);
  assert.deepEqual(status.peers.map(({ name, link }) => [name, link]), [["Bob", "up"]]);
  assert.deepEqual(status.keys.map(({ ready, members }) => [ready, members]), [[true, 2]]);
  assert.equal((await served.ask<"peers">({ method: "peers", waitMs: 0 })).length, 1);
});

Deno.test("wrong input is refused over the control socket in the node's own words, and begins nothing", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  const begun: string[] = [];
  const events = pair.alice.events().getReader();
  const reading = (async () => {
    for (let next = await events.read(); !next.done; next = await events.read()) {
      if (next.value.type === "began" && next.value.kind !== "ecdh") begun.push(next.value.kind);
    }
  })();
  const refused: [() => Promise<unknown>, RegExp][] = [
    [() => served.ask<"create-key">({ ...createKey, threshold: 3 }), /^threshold: expected 2 to 2, found 3$/],
    [
      () => served.ask<"create-key">({ ...createKey, members: ["Zoe"] }),
      /^members: expected Alice, Bob, found “Zoe”$/,
    ],
    [
      () => served.ask<"sign">(sign({ waitMs: 0 })),
      /^wallet: expected one with a key for ed25519, found “treasury”$/,
    ],
    [
      () => served.ask<"sign">(sign({ items: [{}] })),
      /^items\[0\]: expected one of message, hex and digest, found 0$/,
    ],
    [() => served.ask<"unfreeze">({ method: "unfreeze", ...name }), /^wallet: expected one with a key/],
    [
      () => served.ask<"unfreeze">({ method: "unfreeze", ...name, peer: "Bob" }),
      /^peer: expected a quarantined one \(none\)/,
    ],
    [
      () => served.ask<"give-up">({ method: "give-up", ...name }),
      /^wallet: expected a pending key, found none/,
    ],
    [
      () => served.ask<"erase">({ method: "erase", session: "03".repeat(32) }),
      /^session: expected that of a key that was given up/,
    ],
    [
      () => served.ask<"confirm-restored">({ method: "confirm-restored" }),
      /^node: expected a node that was restored/,
    ],
    [() => served.ask<"invite">({ method: "invite", rights: ["holder"], uses: 0 }), /^uses: expected 1 to/],
  ];
  for (const [asked, sentence] of refused) assert.match(await inputErrorOf(asked()), sentence);
  await assert.rejects(served.ask<"sign">(sign({ waitMs: 0 })), { code: "unknown" });
  await events.cancel();
  await reading;
  assert.deepEqual(begun, []);
  assert.deepEqual(served.failed, []);
});

Deno.test("an unknown wallet is not waited for at a node that has run for as long", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const began = Date.now();
  assert.match(await inputErrorOf(served.ask<"sign">(sign({ waitMs: 200 }))), /^wallet: /);
  assert.ok(Date.now() - began < 150, "at once");
});

Deno.test("a failed session is told over the control socket with its code, and the sentences of the page", async () => {
  await using pair = await Pair.start((asked) =>
    Promise.resolve(asked.kind === "sign" ? "decline" : "accept")
  );
  await using served = await Served.start(pair.alice);
  await served.ask<"create-key">(createKey);
  await assert.rejects(served.ask<"sign">(sign()), (error) => {
    assert.ok(error instanceof ExplainedFailure);
    const { code, claims, explanation } = error.fault;
    assert.equal(code, "declined");
    assert.equal(claims.length, 1);
    assert.equal(explanation!.what, "Bob said no.");
    assert.equal(explanation!.ids.what.length, 1, "the ids of the sentences, for a translation");
    assert.match(
      error.sentences,
      /^Bob said no\.\nNobody is blamed: everyone may say no\.\nYour key is safe/,
    );
    return true;
  });
});

Deno.test("hanging up cancels the session that a request began, also while a person is asked", async () => {
  const asked = Promise.withResolvers<void>();
  const withdrawn = Promise.withResolvers<void>();
  await using pair = await Pair.start(({ kind }, { signal }) => {
    if (kind !== "sign") return Promise.resolve("accept");
    asked.resolve();
    return new Promise((resolve) =>
      signal.addEventListener("abort", () => {
        withdrawn.resolve();
        resolve("decline");
      })
    );
  });
  await using served = await Served.start(pair.alice);
  await served.ask<"create-key">(createKey);
  const { takers, notes } = taken();
  const gone = new AbortController();
  const signing = served.ask<"sign">(sign(), { takers, signal: gone.signal });
  signing.catch(() => {});
  await asked.promise;
  for (let i = 0; i < 100 && notes.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(notes, ["Bob is being asked …"]);
  const faults = pair.alice.errors().getReader();
  gone.abort();
  await assert.rejects(signing, { name: "AbortError" });
  const late = setTimeout(() => void faults.cancel(), 10_000);
  const { value } = await faults.read();
  clearTimeout(late);
  assert.equal(value?.type === "failed" && value.code, "cancelled");
  await faults.cancel();
  await withdrawn.promise;
  assert.deepEqual(served.failed, []);
});

Deno.test("a request whose client has gone before it began a session begins none", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  await served.ask<"create-key">(createKey);
  await pair.bob.stop();
  const { takers, lines } = taken();
  const gone = new AbortController();
  const signing = served.ask<"sign">(sign({ waitMs: 60_000 }), { takers, signal: gone.signal });
  signing.catch(() => {});
  for (let i = 0; i < 200 && lines.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(lines[0], "waiting for Bob …");
  gone.abort();
  await assert.rejects(signing, { name: "AbortError" });
  await new Promise((resolve) => setTimeout(resolve, 300)); // the next look at who is ready
  const events = pair.alice.events({ replay: 1000 }).getReader();
  await pair.alice.stop();
  for (let next = await events.read(); !next.done; next = await events.read()) {
    assert.ok(!("kind" in next.value) || next.value.kind !== "sign", next.value.type);
  }
  assert.deepEqual(served.failed, []);
});

Deno.test("watch sends events as they happen, faults with the sentences of the page, and no invitation's token", async () => {
  await using pair = await Pair.start((asked) =>
    Promise.resolve(asked.kind === "sign" ? "decline" : "accept")
  );
  await using served = await Served.start(pair.alice);
  await served.ask<"create-key">(createKey);
  const all = taken();
  const faults = taken();
  const end = new AbortController();
  const watching = [true, false].map((only) => {
    const request = { method: "watch" as const, faults: only, replay: 100 };
    return served.ask<"watch">(request, { takers: (only ? faults : all).takers, signal: end.signal })
      .catch((error) => assert.equal(error.name, "AbortError"));
  });
  const { link, rights } = await served.ask<"invite">({ method: "invite", rights: ["observer"] });
  assert.deepEqual(rights, ["observer"]);
  await assert.rejects(served.ask<"sign">(sign()), ExplainedFailure);
  for (let i = 0; i < 100 && faults.events.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const status = JSON.stringify(await served.ask<"status">({ method: "status" }));
  end.abort();
  await Promise.all(watching);
  const [{ event, lines }] = faults.events as [typeof faults.events[number]];
  assert.equal(event.type === "failed" && event.code, "declined");
  assert.match(lines!, /^\S+Z {2}“treasury” {2}sign {2}declined, seen by this peer\nBob said no\.\n/);
  const types = all.events.map(({ event }) => event.type);
  for (const type of ["began", "done", "failed"]) assert.ok(types.includes(type as never), types.join());
  const token = link.split(/[^\w-]/).at(-1)!;
  assert.ok(token.length > 15, link);
  for (const told of [status, JSON.stringify(all.events)]) assert.ok(!told.includes(token));
});

Deno.test("outcome gives again what came of a command under its id, and says when nobody knows it", async () => {
  await using pair = await Pair.start((asked) => Promise.resolve(asked.note === "no" ? "decline" : "accept"));
  await using served = await Served.start(pair.alice);
  const [making, signing, failing, unknown] = ["a", "b", "c", "d"].map((digit) => digit.repeat(32));
  const outcome = (id: string, waitMs = 0) => served.ask<"outcome">({ method: "outcome", id, waitMs });
  const made = await served.ask<"create-key">({ ...createKey, id: making! });
  assert.equal(made.id, making);
  const signed = await served.ask<"sign">(sign({ id: signing! }));
  assert.deepEqual(
    await served.ask<"sign">(sign({ id: signing! })),
    signed,
    "the same again is not signed twice",
  );
  const failed = served.ask<"sign">(sign({ id: failing!, note: "no" }));
  await assert.rejects(
    failed,
    (error) => error instanceof ExplainedFailure && error.fault.code === "declined",
  );

  const key = await outcome(making!);
  assert.deepEqual([key.id, key.state === "made" && key.key.publicKey], [making, made.key.publicKey]);
  assert.deepEqual(await outcome(signing!), { id: signing, state: "signed", signatures: signed.signatures });
  await assert.rejects(outcome(failing!), (error) => {
    assert.ok(error instanceof ExplainedFailure);
    assert.deepEqual([error.fault.code, error.fault.explanation?.what], ["declined", "Bob said no."]);
    return true;
  });
  assert.deepEqual(await outcome(unknown!), { id: unknown, state: "unknown" });
  const began = Date.now();
  assert.deepEqual(await outcome(unknown!, 500), { id: unknown, state: "unknown" });
  assert.ok(Date.now() - began >= 400, "it waits for others that may know");
  assert.match(await inputErrorOf(outcome("short")), /^id: /);
  assert.match(await inputErrorOf(served.ask<"sign">(sign({ id: "short" }))), /^id: /);
  assert.deepEqual(served.failed, []);
});

Deno.test("outcome waits for a command that is under way", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<"accept">();
  await using pair = await Pair.start(({ kind }) => {
    if (kind !== "sign") return Promise.resolve("accept");
    asked.resolve();
    return answer.promise;
  });
  await using served = await Served.start(pair.alice);
  await served.ask<"create-key">(createKey);
  const id = "b".repeat(32);
  const signing = served.ask<"sign">(sign({ id }));
  await asked.promise;
  assert.deepEqual(await served.ask<"outcome">({ method: "outcome", id, waitMs: 0 }), {
    id,
    state: "running",
  });
  const { takers, lines } = taken();
  const waiting = served.ask<"outcome">({ method: "outcome", id, waitMs: 30_000 }, { takers });
  for (let i = 0; i < 200 && lines.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(lines[0], "it is under way …");
  answer.resolve("accept");
  const { signatures } = await signing;
  assert.deepEqual(await waiting, { id, state: "signed", signatures });
});

Deno.test("a node that stops gives the requests under way their end, and frees its socket's place first", async () => {
  await using pair = await Pair.start(({ kind }) =>
    kind === "sign" ? new Promise(() => {}) : Promise.resolve("accept")
  );
  await using served = await Served.start(pair.alice);
  await served.ask<"create-key">(createKey);
  const { takers, notes } = taken();
  const signing = served.ask<"sign">(sign(), { takers });
  signing.catch(() => {});
  for (let i = 0; i < 200 && notes.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  await served.control.stopListening();
  await assert.rejects(Deno.lstat(served.socket), Deno.errors.NotFound);
  await pair.alice.stop();
  await served.control.close();
  await assert.rejects(
    signing,
    (error) => error instanceof ExplainedFailure && error.fault.code === "shutdown",
  );
});

Deno.test("a request that is interrupted before it is sent is not sent, and begins nothing", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  const reason = new Error("interrupted");
  const asked = served.ask<"create-key">(createKey, { signal: AbortSignal.abort(reason) });
  await assert.rejects(asked, (error) => error === reason);
  assert.deepEqual(await pair.alice.keys(), []);
});
