/**
 * Checks of single defences of ECDSA's bans and pairs, each of which a mutant takes away: see `ecdsa_mutants.ts`.
 */
import assert from "node:assert/strict";
import type { WireFacts } from "../../src/cluster/context.ts";
import type { NodeEvent } from "../../src/events.ts";
import { SessionError } from "../../src/errors.ts";
import type { Store } from "../../src/ports.ts";
import { abortRound } from "../../src/session/control.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import type { FaultName } from "./cells.ts";
import { cheat } from "./cheats.ts";
import { stubIdentity } from "./identity.ts";
import type { Schedule } from "./schedule.ts";
import { phaseOf } from "./tap.ts";
import { toyVault } from "./toy_vault.ts";
import { type Said, saying } from "../../src/demo/cheats/cheat_wire.ts";

const message = new Uint8Array(1);
const wallet = "ours";
const curve = "secp256k1";

/** A cluster of toys with a key, in which bob says what `instead` makes of his words. */
async function toyCluster(
  instead: (said: Said, about: WireFacts) => readonly Said[] = (said) => [said],
  options: Partial<ClusterOptions> = {},
): Promise<Cluster> {
  const cluster = await Cluster.start({
    identities: stubIdentity,
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
    node: (name) => ({
      wrapWire: (wire, about) => saying(wire, (said) => name === "bob" ? instead(said, about) : [said]),
    }),
    ...options,
  });
  const { node } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ wallet, curve, threshold: 2 }).result);
  await cluster.clock.pass(1_000);
  return cluster;
}

/** What bob says in a round, as a cheat of the simulation would. */
const cheating = (fault: FaultName, round: string) => (said: Said): readonly Said[] =>
  said.round === round ? [cheat({ fault, phase: phaseOf("sign", round) } as Schedule, said, false)!] : [said];
const bending = (round: string) => cheating("bad-multiplication", round);

const begin = (cluster: Cluster, by: string, ...signers: string[]) =>
  cluster.at(by).node.sign({ wallet, curve, message, signers: signers.map((name) => cluster.peer(name)) });
const codeOf = (cluster: Cluster, { result }: { result: Promise<unknown> }) =>
  cluster.clock.until(
    result.then(() => "done", (error) => error instanceof SessionError ? error.code : error),
  );
const rows = (cluster: Cluster, name: string, prefix: string) => cluster.at(name).store.names(prefix);

/** A disk that takes its time over bans. */
function slowBans(of: () => Cluster | null, ms: number, before: () => void = () => {}): Store {
  const inner = memoryStore();
  return {
    get: (name) => inner.get(name),
    names: (prefix) => inner.names(prefix),
    close: () => inner.close(),
    async swap(name, from, sealed) {
      if (name.startsWith("ban/")) {
        before();
        await new Promise<void>((resolve) => of()!.clock.timer(ms, resolve));
      }
      return await inner.swap(name, from, sealed);
    },
  };
}

Deno.test("nobody hears of a ban before it is on disk", async () => {
  let cluster: Cluster | null = null;
  const aborts: number[] = [];
  const found: number[] = [];
  cluster = await toyCluster(undefined, {
    store: (name) =>
      name === "alice"
        ? slowBans(() => cluster, 500, () => found.push(cluster!.clock.monotonic()))
        : memoryStore(),
    node: (name) => ({
      wrapWire: (wire) =>
        saying(wire, (said) => {
          if (name === "alice" && said.round === abortRound) aborts.push(cluster!.clock.monotonic());
          return name === "bob" ? bending("extend")(said) : [said];
        }),
    }),
  });
  await using _cluster = cluster;
  assert.equal(await codeOf(cluster, begin(cluster, "alice", "alice", "bob")), "invalid-multiplication");
  assert.equal(aborts.length, 1);
  assert.ok(aborts[0]! >= found[0]! + 500);
});

Deno.test("a ban ends what else runs with that peer under that key, in silence", async () => {
  let cluster: Cluster | null = null;
  const held: (() => void)[] = [];
  const words: string[] = [];
  let found = false;
  let armed = false;
  cluster = await toyCluster(undefined, {
    store: (name) =>
      name !== "alice" ? memoryStore() : slowBans(() => cluster, 500, () => {
        found = true;
        held.splice(0).forEach((send) => send());
      }),
    node: (name) => ({
      wrapWire: (wire) =>
        saying(wire, (said) => {
          if (name === "alice" && found && said.round !== abortRound) words.push(said.round);
          if (name !== "bob") return [said];
          if (armed) return bending("extend")(said);
          if (said.round !== "correct") return [said];
          held.push(() => wire.send(said.to, said.round, said.body, said.audience));
          return [];
        }),
    }),
  });
  await using _cluster = cluster;
  const beside = [begin(cluster, "alice", "alice", "bob"), begin(cluster, "alice", "alice", "bob")];
  await cluster.clock.pass(50);
  armed = true;
  const codes = [begin(cluster, "alice", "alice", "bob"), ...beside].map((one) => codeOf(cluster!, one));
  assert.deepEqual(await Promise.all(codes), ["invalid-multiplication", "peer-banned", "peer-banned"]);
  assert.deepEqual(words, []);
});

// What a node tells goes to everyone: how far a run has come says whether its checks passed.
Deno.test("a ban is all that a node tells of what else runs with that peer, and it tells it once", async () => {
  let cluster: Cluster | null = null;
  const held: (() => void)[] = [];
  const told: NodeEvent[] = [];
  let found = false;
  let armed = false;
  cluster = await toyCluster(undefined, {
    told: (name, event) => {
      if (name === "alice" && found && "peer" in event && event.peer === cluster!.peer(name)) {
        told.push(event);
      }
    },
    store: (name) =>
      name !== "alice" ? memoryStore() : slowBans(() => cluster, 500, () => {
        found = true;
        held.splice(0).forEach((send) => send());
      }),
    node: (name) => ({
      wrapWire: (wire) =>
        saying(wire, (said) => {
          if (name !== "bob") return [said];
          if (armed) return bending("extend")(said);
          if (said.round !== "correct") return [said];
          // Of the two that are held, one is honest and the other is not.
          const [late] = held.length === 0 ? [said] : bending("correct")(said);
          held.push(() => wire.send(late!.to, late!.round, late!.body, late!.audience));
          return [];
        }),
    }),
  });
  await using _cluster = cluster;
  const beside = [begin(cluster, "alice", "alice", "bob"), begin(cluster, "alice", "alice", "bob")];
  await cluster.clock.pass(50);
  armed = true;
  const codes = [begin(cluster, "alice", "alice", "bob"), ...beside].map((one) => codeOf(cluster!, one));
  assert.deepEqual(await Promise.all(codes), ["invalid-multiplication", "peer-banned", "peer-banned"]);
  await cluster.clock.pass(2_000);
  const both = told.filter((event) => "id" in event && beside.some(({ id }) => id === event.id));
  assert.deepEqual(
    both.map((event) => [event.type, event.type === "failed" && [event.code, event.round]]),
    [["failed", ["peer-banned", "correct"]], ["failed", ["peer-banned", "correct"]]],
  );
  assert.equal(told.filter(({ type }) => type === "ban").length, 1);
});

Deno.test("a pair that is banned is not used again, also after a restart, and another is", async () => {
  await using cluster = await toyCluster(bending("correct"));
  assert.equal(await codeOf(cluster, begin(cluster, "alice", "alice", "bob")), "invalid-multiplication");
  assert.equal((await rows(cluster, "alice", "pair/")).length, 1);
  assert.equal(await codeOf(cluster, begin(cluster, "alice", "alice", "bob")), "peer-banned");
  for (let i = 0; i < 6; i++) {
    const free = cluster.at("alice").node.sign({ wallet, curve, message });
    assert.equal(await codeOf(cluster, free), "done", "alice chooses carol by herself");
  }
  cluster.kill("alice");
  await cluster.boot("alice");
  await cluster.linked();
  assert.equal(await codeOf(cluster, begin(cluster, "alice", "alice", "bob")), "peer-banned");
  assert.equal(await codeOf(cluster, begin(cluster, "bob", "alice", "bob")), "declined");
  assert.equal(await codeOf(cluster, begin(cluster, "carol", "alice", "carol")), "done");
});

Deno.test("nobody bans on another's word", async () => {
  await using cluster = await toyCluster(bending("correct"));
  await codeOf(cluster, begin(cluster, "alice", "alice", "bob"));
  await cluster.clock.pass(6_000);
  const { node } = cluster.at("carol");
  assert.deepEqual(node.bans().map(({ by }) => cluster.nameOf(by)), ["alice"]);
  const [key] = await node.keys();
  assert.deepEqual((await node.readiness(key!)).banned, []);
  const honest = await toyCluster();
  await using _honest = honest;
  assert.equal(await codeOf(honest, begin(honest, "carol", "bob", "carol")), "done");
});

Deno.test("a pair whose last step fails three times is quarantined until it is thawed, and the key is not frozen", async () => {
  await using cluster = await toyCluster(cheating("bad-share", "finish"));
  const both = () => codeOf(cluster, begin(cluster, "alice", "alice", "bob"));
  for (let i = 0; i < 3; i++) assert.equal(await both(), "invalid-signature-share");
  assert.equal(await both(), "pair-quarantined");
  for (let i = 0; i < 6; i++) {
    const free = cluster.at("alice").node.sign({ wallet, curve, message });
    assert.equal(await codeOf(cluster, free), "done", "alice chooses carol by herself");
  }
  assert.equal(await codeOf(cluster, begin(cluster, "bob", "alice", "bob")), "declined");
  assert.equal(await codeOf(cluster, begin(cluster, "carol", "bob", "carol")), "invalid-signature-share");
  cluster.kill("alice");
  await cluster.boot("alice");
  await cluster.linked();
  assert.equal(await both(), "pair-quarantined");
  await cluster.at("alice").node.unfreeze({ wallet, curve }, { peer: cluster.peer("bob") });
  assert.equal(await both(), "invalid-signature-share");
});

Deno.test("a pair without a key is swept at the next start, and one of a key is not", async () => {
  await using cluster = await toyCluster();
  const { store } = cluster.at("alice");
  cluster.kill("alice");
  await cluster.boot("alice");
  assert.equal((await store.names("pair/")).length, 2);
  cluster.kill("alice");
  for (const name of await store.names("key/")) {
    await store.swap(name, (await store.get(name))!.version, null);
  }
  await cluster.boot("alice");
  assert.deepEqual(await store.names("pair/"), []);
});
