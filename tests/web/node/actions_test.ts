import assert from "node:assert/strict";
import { InputError } from "../../../src/errors.ts";
import { createActions } from "../../../web/node/actions.ts";
import { cheats } from "../../../web/demo/cheats.ts";
import type { State } from "../../../web/state/model.ts";
import type { Console } from "../../../web/node/node_port.ts";
import { newestFirst } from "../../../web/state/primary.ts";
import { pump } from "../../../web/node/pump.ts";
import { createStore } from "../../../web/state/store.ts";
import { scenarioResult } from "../../../web/state/scenario.ts";
import { summarize } from "../../../web/state/summary.ts";
import { alice, bob, carol } from "../events.ts";
import { type Scripted, scriptedConsole } from "../scripted_console.ts";

/** A page without a screen. */
async function opened(more: Partial<Console> = {}) {
  const console = { ...await scriptedConsole(), ...more };
  const watchers = new Set<() => void>();
  const store = createStore(() => watchers.forEach((look) => look()));
  const act = createActions(console, store);
  const pumping = pump(console, store, (failure) => act.accused(failure));
  /** Waits until the page scenarios it. */
  const until = (what: (state: State) => unknown) =>
    new Promise<void>((done) => {
      const look = () => {
        if (!what(store.state)) return;
        watchers.delete(look);
        done();
      };
      watchers.add(look);
      look();
    });
  const close = async () => {
    await console.node.stop();
    await pumping;
    await new Promise<void>((painted) => watchers.add(painted)); // the last news is that the node has ended
  };
  return { console, store, act, until, close };
}
/** The requests that a console's node gets from now on. */
function askedOf(console: Console): object[] {
  const asked: object[] = [];
  const { node } = console;
  const sign = node.sign.bind(node) as (request: object) => unknown;
  const noting = (request: object) => {
    asked.push(request);
    return sign(request);
  };
  node.sign = noting as typeof node.sign;
  return asked;
}
const treasury = { wallet: "treasury", scheme: "ed25519" } as const;
const message = new TextEncoder().encode("hello threshold");
const items = [{ message }];

Deno.test("createActions() creates, signs, and has the browser's own Ed25519 verify it", async () => {
  const { act, store, until, close } = await opened();
  assert.equal(act.generate({ ...treasury, threshold: 2 }), null);
  await until(({ keys }) => keys?.length === 1);
  assert.equal(act.sign({ ...treasury, items }), null);
  await until((state) => newestFirst(state)[0]?.outcome?.verified);
  assert.deepEqual(newestFirst(store.state)[0]!.outcome!.verified, { is: "verified", wrong: [] });
  await close();
});

Deno.test("createActions() says which field was refused, and nothing begins", async () => {
  const { act, store, close } = await opened();
  assert.deepEqual(act.generate({ ...treasury, wallet: " ", threshold: 2 }), {
    field: "wallet",
    message: "That name cannot be used: expected 1 to 64 characters, found none.",
  });
  assert.equal(store.state.sessions.size, 0);
  await close();
});

Deno.test("createActions() arms a peer, shows what came of it, and signs without it", async () => {
  const { console, act, store, until, close } = await opened();
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  const cheat = cheats[0]!;
  act.arm(
    { peer: bob, will: cheat.will("Alice"), see: cheat.see("Bob", "Alice"), expect: cheat.expect(bob) },
    cheat.id,
  );
  await until(({ scenarios }) => scenarios.at(-1)?.state === "armed");
  act.sign({ ...treasury, items, signers: [bob, carol] });
  await until((state) => {
    const scenario = state.scenarios.at(-1)!;
    return scenario.session &&
      scenarioResult(scenario, summarize(state.sessions.get(scenario.session)!, state), 0) === "as expected";
  });
  const failed = newestFirst(store.state)[0]!;
  act.follow(failed, { do: "sign", label: "Sign without Bob", signers: [alice, carol], without: [bob] });
  await until((state) => newestFirst(state)[0]?.outcome?.verified);
  const again = newestFirst(store.state)[0]!;
  assert.deepEqual(again.request?.after, { session: failed.key, without: [bob] });
  assert.deepEqual(console.calls, [
    "generate treasury 2 of 3",
    "misbehave forged-share",
    "sign Bob+Carol",
    "sign Alice+Carol",
  ]);
  await close();
});

Deno.test("createActions() lets a stranger loose while signing", async () => {
  const { console, act, until, close } = await opened();
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  const cheat = cheats.find(({ by }) => by === "stranger")!;
  act.arm({ peer: null, will: "", see: "", expect: cheat.expect("") }, cheat.id);
  await until(({ scenarios }) => scenarios.at(-1)?.state === "armed");
  act.sign({ ...treasury, items });
  await until((state) => newestFirst(state)[0]?.outcome?.verified);
  assert.ok(console.calls.includes("stranger 1000"));
  await close();
});

Deno.test("createActions() checks evidence by itself, and keeps what it found", async () => {
  const { act, store, until, close } = await opened();
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  act.arm({ peer: bob, will: "", see: "", expect: cheats[0]!.expect(bob) }, "forged-share");
  await until(({ scenarios }) => scenarios.at(-1)?.state === "armed");
  act.sign({ ...treasury, items, signers: [alice, bob] });
  await until((state) => summarize(newestFirst(state)[0]!, state).failure);
  const session = newestFirst(store.state)[0]!;
  await until((state) => state.sessions.get(session.key)?.proofs.get(alice) === "proven");
  await close();
});

Deno.test("createActions() looks again for evidence that was not here, and says until then that it is not fetched", async () => {
  let here = false;
  const verifyEvidence = () => Promise.resolve(here ? "proven" as const : "not-fetched" as const);
  const { act, store, until, close } = await opened({ verifyEvidence });
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  act.arm({ peer: bob, will: "", see: "", expect: cheats[0]!.expect(bob) }, "forged-share");
  await until(({ scenarios }) => scenarios.at(-1)?.state === "armed");
  act.sign({ ...treasury, items, signers: [alice, bob] });
  await until((state) => summarize(newestFirst(state)[0]!, state).failure);
  const session = newestFirst(store.state)[0]!;
  const now = () => store.state.sessions.get(session.key)!;
  await until(() => now().proofs.get(alice) === "not-fetched");
  const { wordOnly, unchecked, caught } = summarize(now(), store.state);
  assert.deepEqual([wordOnly, unchecked, caught], [false, true, false]);
  here = true;
  act.check(now(), summarize(now(), store.state).failure!);
  await until(() => now().proofs.get(alice) === "proven");
  assert.equal(summarize(now(), store.state).caught, true);
  await close();
});

Deno.test("createActions() unfreezes a key at the tab's own node, shows it at once, and returns the refusal of a second time", async () => {
  const { console, act, store, until, close } = await opened();
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  const key = store.state.keys![0]!;
  store.dispatch({ type: "keys", keys: [{ ...key, paused: true }] });
  assert.equal(await act.unfreeze(key, bob), null);
  assert.equal(store.state.keys?.[0]?.paused, false, "as the node says now");
  const again = await act.unfreeze(key);
  assert.equal(again?.field, "wallet");
  assert.match(again!.message, /expected a frozen key, found it active/);
  assert.deepEqual((console as Scripted).calls.slice(-2), [
    "unfreeze treasury with Bob",
    "unfreeze treasury",
  ]);
  await close();
});

Deno.test("pump() asks for the readiness of each key by its id, so that two of one name leave none unasked", async () => {
  const console = await scriptedConsole();
  const key = {
    ...treasury,
    publicKey: new Uint8Array(32),
    chainCode: new Uint8Array(32),
    threshold: 2,
    members: [alice, bob],
    epoch: 1,
    past: [],
    held: false,
    paused: false,
    state: "active",
  } as const;
  const keys = [{ ...key, session: "01" }, { ...key, session: "02" }, {
    ...key,
    wallet: "petty cash",
    session: "03",
  }];
  const asked: (string | undefined)[] = [];
  const { readiness } = console.node;
  const node = {
    ...console.node,
    keys: () => Promise.resolve(keys),
    readiness: (choice: Parameters<typeof readiness>[0]) => {
      asked.push(choice.keyId);
      return readiness(choice);
    },
  };
  const seen = new Promise<void>((resolve) => {
    void pump({ ...console, node }, {
      dispatch: (action) => {
        if (action.type === "readiness" && asked.length >= keys.length) resolve();
      },
    }, () => {});
  });
  await seen;
  assert.deepEqual(asked.slice(0, keys.length), ["01", "02", "03"]);
  await console.node.stop();
});

Deno.test("createActions() asks again for the same key, path and input, and not for another key of that name", async () => {
  const { console, act, store, until, close } = await opened();
  const asked = askedOf(console);
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  const choice = { ...treasury, keyId: "5e".repeat(32), signers: [bob, carol] };
  const item = { message, path: [0, 7] };
  act.sign({ ...choice, items: [item] });
  await until((state) => newestFirst(state)[0]?.outcome);
  const first = newestFirst(store.state)[0]!;
  act.follow(first, { do: "sign", label: "Sign without Bob", signers: [alice, carol], without: [bob] });
  await until((state) => newestFirst(state)[0] !== first && newestFirst(state)[0]?.outcome);
  const request = { ...choice, ...item };
  assert.deepEqual(asked, [request, { ...request, signers: [alice, carol] }]);
  await close();
});

Deno.test("createActions() gives note and reference with a request, keeps them, and gives them again when it asks again", async () => {
  const { console, act, store, until, close } = await opened();
  const asked = askedOf(console);
  const { generateKey } = console.node;
  console.node.generateKey = (request) => {
    asked.push(request);
    return generateKey(request);
  };
  const remarks = { note: "Payroll of November", reference: "invoice 7" };
  const making = { ...treasury, threshold: 2, note: "for the rents" };
  act.generate(making);
  await until(({ keys }) => keys?.length === 1);
  assert.equal(newestFirst(store.state)[0]!.request?.note, "for the rents");
  act.sign({ ...treasury, items, ...remarks });
  await until((state) => newestFirst(state)[0]?.outcome?.signatures.length);
  const first = newestFirst(store.state)[0]!;
  assert.deepEqual(first.request, { items, ...remarks });
  act.follow(first, { do: "sign", label: "Sign again", signers: [alice, carol], without: [bob] });
  await until((state) =>
    newestFirst(state)[0] !== first && newestFirst(state)[0]?.outcome?.signatures.length
  );
  assert.deepEqual(asked, [making, { ...treasury, message, ...remarks }, {
    ...{ ...treasury, message, ...remarks },
    signers: [alice, carol],
  }]);
  await close();
});

Deno.test("createActions() asks for several items as one batch, has each signature verified, and asks again for all", async () => {
  const { console, act, store, until, close } = await opened();
  const asked = askedOf(console);
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  const many = ["a", "b", "c"].map((text) => ({ message: new TextEncoder().encode(text) }));
  assert.equal(act.sign({ ...treasury, items: many }), null);
  await until((state) => newestFirst(state)[0]?.outcome?.verified);
  const first = newestFirst(store.state)[0]!;
  assert.deepEqual(first.outcome!.verified, { is: "verified", wrong: [] });
  assert.equal(first.outcome!.signatures.length, 3);
  act.follow(first, { do: "sign", label: "Sign again", signers: [alice, carol], without: [bob] });
  await until((state) => newestFirst(state)[0] !== first && newestFirst(state)[0]?.outcome);
  assert.deepEqual(asked, [{ ...treasury, items: many }, {
    ...treasury,
    items: many,
    signers: [alice, carol],
  }]);
  await close();
});

Deno.test("createActions() checks evidence against the items that were asked for", async () => {
  const given: unknown[] = [];
  const verifyEvidence: Console["verifyEvidence"] = (_failure, about) => {
    given.push(about);
    return Promise.resolve("proven");
  };
  const { act, until, close } = await opened({ verifyEvidence });
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  act.arm({ peer: bob, will: "", see: "", expect: cheats[0]!.expect(bob) }, "forged-share");
  await until(({ scenarios }) => scenarios.at(-1)?.state === "armed");
  const many = [{ message }, { message, path: [1] }];
  act.sign({ ...treasury, items: many, signers: [alice, bob] });
  await until((state) => newestFirst(state)[0]?.proofs.get(alice) === "proven");
  assert.deepEqual(given, [many]);
  await close();
});

Deno.test("createActions() reshares a key, asks for the same again, and follows it into the next epoch", async () => {
  const { console, act, store, until, close } = await opened();
  act.generate({ ...treasury, threshold: 2 });
  await until(({ keys }) => keys?.length === 1);
  const before = store.state.keys![0]!;
  const request = { ...treasury, keyId: before.session, threshold: 2, members: [alice, bob], gone: [carol] };
  assert.equal(act.reshare({ ...request, note: "Carol's laptop is lost" }), null);
  await until((state) => newestFirst(state)[0]?.outcome);
  await until(({ keys }) => keys?.[0]?.epoch === 2);
  assert.deepEqual(console.calls.slice(1), ["reshare treasury 2 of Alice+Bob gone Carol"]);
  assert.equal(store.state.selected, store.state.keys![0]!.session);
  const session = newestFirst(store.state)[0]!;
  assert.deepEqual(session.request?.gone, [carol]);
  assert.equal(act.follow(session, { do: "reshare", label: "Reshare again" }), null);
  assert.equal(console.calls.at(-1), "reshare treasury 2 of Alice+Bob gone Carol");
  assert.equal(newestFirst(store.state)[0]!.request?.after?.session, session.key);
  await until(({ keys }) => keys?.[0]?.epoch === 3);
  await close();
});

Deno.test("reshareEach() asks for one resharing after the other, and stops at the first that fails or is refused", async () => {
  const { console, act, store, until, close } = await opened();
  act.generate({ ...treasury, threshold: 2 });
  act.generate({ ...treasury, wallet: "petty cash", threshold: 2 });
  await until(({ keys }) => keys?.length === 2);
  const members = [alice, bob];
  const requests = ["treasury", "petty cash"].map((wallet) => ({
    ...treasury,
    wallet,
    threshold: 2,
    members,
  }));
  assert.equal(act.reshareEach(requests, () => {}), null);
  assert.equal(console.calls.filter((call) => call.startsWith("reshare")).length, 1, "one at a time");
  await until(({ keys }) => keys?.every(({ epoch }) => epoch === 2));
  assert.deepEqual(console.calls.slice(2), [
    "reshare treasury 2 of Alice+Bob",
    "reshare petty cash 2 of Alice+Bob",
  ]);
  await console.demo!.misbehave(bob, { cheat: "wrong-share" });
  assert.equal(act.reshareEach(requests, () => {}), null);
  await until((state) => newestFirst(state)[0]?.rejected === "invalid-dealt-share");
  assert.equal(newestFirst(store.state)[0]!.wallet, "treasury", "the next one is not asked for");
  console.node.reshare = () => {
    throw new InputError("keyId", "expected the id of the key, found an old one");
  };
  const refused = act.reshareEach(requests, () => {});
  assert.match(refused!.message, /^The key has changed meanwhile: expected the id/);
  await close();
});
