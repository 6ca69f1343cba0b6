import { deepEqual, equal, notEqual, rejects, throws } from "node:assert/strict";
import {
  createNode,
  memoryStore,
  newIdentity,
  type QuorateNode,
  type Session,
  signRoster,
} from "../../mod.ts";
import { platformClock } from "../../src/platform/platform.ts";
import type { Transport } from "../../src/ports.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { unlessAborted } from "../../src/platform/signals.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { Cluster } from "../sim/cluster.ts";

const reason = new Error("the user has gone");
const aborted = AbortSignal.abort(reason);
const name = { wallet: "treasury", scheme: "ed25519" } as const;
const message = new Uint8Array(3);
/** The protocol of which no frame arrives. */
let silent = "";
const passphrase = "correct horse battery";

Deno.test("a signal that has aborted begins no session: the request throws its reason, and there is no event", async () => {
  await using cluster = await Cluster.start();
  const { node, events } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ ...name, threshold: 2 }).result);
  await cluster.clock.pass(1_000);
  const before = events.length;
  const members = [cluster.peer("alice"), cluster.peer("bob")];
  const requests: readonly (() => Session<unknown>)[] = [
    () => node.sign({ ...name, message }, { signal: aborted }),
    () => node.generateKey({ wallet: "other", scheme: "ed25519", threshold: 2 }, { signal: aborted }),
    () => node.reshare({ ...name, threshold: 2, members }, { signal: aborted }),
  ];
  for (const request of requests) throws(request, (error) => error === reason);
  await cluster.clock.pass(1_000);
  equal(events.length, before);
});

Deno.test("a signal that aborts later cancels the session for all, and its reason is the error's cause", async () => {
  await using cluster = await Cluster.start({ consoles: ["console"] });
  await cluster.clock.until(cluster.at("alice").node.generateKey({ ...name, threshold: 2 }).result);
  await cluster.clock.pass(2_000);
  // The first coordinates its command itself, the second has it coordinated.
  for (const asker of ["alice", "console"]) {
    const stop = new AbortController();
    const { result } = cluster.at(asker).node.sign({ ...name, message }, { signal: stop.signal });
    stop.abort(reason);
    await rejects(
      cluster.clock.until(result),
      { name: "SessionError", code: "cancelled", cause: reason },
      asker,
    );
  }
  const { result, cancel } = cluster.at("alice").node.sign({ ...name, message });
  cancel();
  await rejects(cluster.clock.until(result), { code: "cancelled", cause: undefined });
});

Deno.test("a signal that has aborted lets nothing that waits begin: each call rejects with its reason", async () => {
  let made: Cluster;
  await using cluster = await Cluster.start({
    made: (cluster) => void (made = cluster),
    node: (name) => name === "alice" ? { admin: made.admin } : {},
  });
  const { node } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ ...name, threshold: 2 }).result);
  const file = await node.backup(passphrase);
  const version = node.roster.version;
  const options = { signal: aborted };
  const calls: Record<string, (node: QuorateNode) => Promise<unknown>> = {
    backup: (node) => node.backup(passphrase, options),
    confirmBackup: (node) => node.confirmBackup(file, passphrase, options),
    admit: (node) => node.admit(cluster.peer("bob"), options),
    remove: (node) => node.remove(cluster.peer("bob"), options),
    evidence: (node) => node.evidence({ peer: node.self, evidence: "00".repeat(32) }, options),
    drain: (node) => node.drain(options),
    outcome: (node) => node.outcome("00".repeat(16), options),
    ready: (node) => node.ready(options),
  };
  for (const [call, make] of Object.entries(calls)) {
    await rejects(make(node), (error) => error === reason, call);
  }
  equal((await node.backupState()).at, null);
  equal(node.roster.version, version);
  const signed = await cluster.clock.until(node.sign({ ...name, message }).result);
  equal(signed.bytes.length, 64, "it does not drain");
});

Deno.test("confirmBackup() whose signal aborts meanwhile records nothing", async () => {
  await using cluster = await Cluster.start({ names: ["alice", "bob"] });
  const { node } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ ...name, threshold: 2 }).result);
  const file = await node.backup(passphrase);
  const stop = new AbortController();
  const confirming = node.confirmBackup(file, passphrase, { signal: stop.signal });
  stop.abort(reason);
  await rejects(confirming, (error) => error === reason);
  await new Promise((resolve) => setTimeout(resolve, 3_000)); // scrypt ends meanwhile
  equal((await node.backupState()).at, null);
  await node.confirmBackup(file, passphrase);
  notEqual((await node.backupState()).at, null);
});

Deno.test("outcome() whose signal aborts while others are asked rejects at once, and the next is answered", async () => {
  await using cluster = await Cluster.start({
    names: ["alice", "bob"],
    carry: () => ({ protocol, bytes }) => protocol === silent ? [] : [{ bytes, afterMs: 0 }],
  });
  const { node } = cluster.at("alice");
  await cluster.clock.pass(2_000);
  silent = protocols.outcome;
  const stop = new AbortController();
  const asking = node.outcome("ab".repeat(16), { signal: stop.signal });
  await cluster.clock.pass(100);
  stop.abort(reason);
  await rejects(cluster.clock.until(asking), (error) => error === reason);
  silent = "";
  await cluster.clock.pass(20_000);
  deepEqual(await cluster.clock.until(node.outcome("ab".repeat(16))), { state: "unknown" });
});

Deno.test("drain() whose signal aborts while a session runs leaves the node to be stopped, without new sessions", async () => {
  await using cluster = await Cluster.start({
    names: ["alice", "bob"],
    carry: () => ({ protocol, bytes }) => protocol === silent ? [] : [{ bytes, afterMs: 0 }],
  });
  const { node } = cluster.at("alice");
  silent = protocols.session;
  const { result } = node.generateKey({ ...name, threshold: 2 });
  await cluster.clock.pass(1_000);
  const stop = new AbortController();
  const draining = node.drain({ signal: stop.signal });
  stop.abort(reason);
  await rejects(draining, (error) => error === reason);
  throws(() => node.unlock(cluster.at("alice").identity.secrets()), { name: "InputError", field: "node" });
  await cluster.clock.until(node.stop());
  await rejects(result, { code: "shutdown" });
  silent = "";
});

Deno.test("createNode() whose signal has aborted touches neither store nor transport", async () => {
  const { options, started } = await lonely();
  const store = new Proxy(memoryStore(), { get: (_, method) => throws(() => method) });
  await rejects(createNode({ ...options, store, signal: aborted }), (error) => error === reason);
  equal(started(), 0);
});

// The first word of a node's presence may still be signed when the node has stopped.
Deno.test({
  name: "createNode() whose signal aborts while its transport starts stops that, and rejects with the reason",
  sanitizeOps: false,
  fn: async () => {
    const stop = new AbortController();
    const { options, started, stopped } = await lonely(() => stop.abort(reason));
    await rejects(createNode({ ...options, signal: stop.signal }), (error) => error === reason);
    deepEqual([started(), stopped()], [1, 1]);
    const node = await createNode(options); // with the store that it had
    await node.stop();
  },
});

Deno.test("unlessAborted() leaves no listener at a signal that outlives it", async () => {
  const { signal } = new AbortController();
  let listening = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...all: unknown[]) => {
    listening++;
    Reflect.apply(addEventListener, signal, all);
  };
  signal.removeEventListener = (...all: unknown[]) => {
    listening--;
    Reflect.apply(removeEventListener, signal, all);
  };
  equal(await unlessAborted(signal, () => Promise.resolve(7)), 7);
  await rejects(unlessAborted(signal, () => Promise.reject(reason)), (error) => error === reason);
  equal(listening, 0);
});

/** A node alone in its roster, and how often its transport was started and stopped. */
async function lonely(onStart: () => void = () => {}) {
  const [admin, identity] = await Promise.all([newIdentity(), newIdentity()]);
  const peer = { peer: identity.peer, name: "Alice", addresses: [], rights: ["initiator"] as const };
  const count = { started: 0, stopped: 0 };
  const inner = memoryNetwork({ clock: platformClock }).transport();
  const transport: Transport = {
    kind: "memory",
    async start(host) {
      count.started++;
      onStart();
      const network = await inner.start(host);
      const stop = network.stop.bind(network);
      network.stop = () => {
        count.stopped++;
        return stop();
      };
      return network;
    },
  };
  const roster = await signRoster(admin, [peer], null);
  const options = { identity, roster, store: memoryStore(), transport, approve: "roster" } as const;
  return { options, started: () => count.started, stopped: () => count.stopped };
}
