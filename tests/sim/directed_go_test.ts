/**
 * Checks of single defences around the accept and the go, each of which a mutant takes away: see `mutants_go.ts`.
 */
import assert from "node:assert/strict";
import { ChannelError, SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { acceptLapses, maxCommandFrame } from "../../src/limits.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { DrawnTask, Store } from "../../src/ports.ts";
import { acceptRecord, attemptOf, goRecord } from "../../src/session/invite.ts";
import { openingRecord, openRecord } from "../../src/session/control.ts";
import { sign, type Signed, unverified } from "../../src/session/signed.ts";
import { decodeOrder } from "../../src/cluster/records/order.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { isProtocolRound, sending } from "../../src/demo/cheats/cheat_wire.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import { counting } from "./counting_vault.ts";
import { anotherGo, sendingGos, sendingInstead } from "./false_gos.ts";
import { stubIdentity } from "./identity.ts";
import { toyVault } from "./toy_vault.ts";

const message = new TextEncoder().encode("hello");
type Accept = ReturnType<typeof acceptRecord.decode>;

/** A cluster of toys with a key that two of three sign with. */
async function toyCluster(options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  const cluster = await Cluster.start({
    identities: stubIdentity,
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
    ...options,
  });
  const { node } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ wallet: "ours", scheme: "ed25519", threshold: 2 }).result);
  await cluster.clock.pass(1_000);
  return cluster;
}

const signing = (cluster: Cluster, ...signers: string[]) =>
  cluster.at("alice").node.sign({
    wallet: "ours",
    scheme: "ed25519",
    message,
    ...(signers.length > 0 ? { signers: signers.map((name) => cluster.peer(name)) } : {}),
  });
const codeOf = (cluster: Cluster, { result }: { result: Promise<unknown> }): Promise<unknown> =>
  cluster.clock.until(
    result.then(() => "done", (error) => error instanceof SessionError ? error.code : error),
  );
/** What a node told of a command, its own view. */
const told = (cluster: Cluster, name: string, id: string) =>
  cluster.at(name).events.flatMap((event) =>
    "id" in event && event.id === id && event.peer === cluster.peer(name) ? [event] : []
  );

for (const lost of ["accept", "go"] as const) {
  Deno.test(`what was drawn for an accept whose ${lost} is lost is wiped, at the member and at the coordinator`, async () => {
    const open = new Set<DrawnTask>();
    let drawn = 0;
    let losing = false;
    const isLost = (bytes: Uint8Array) =>
      losing && unverified<unknown>(lost === "accept" ? acceptRecord : goRecord, bytes) !== null;
    await using cluster = await toyCluster({
      vault: ({ peer }, random, clock) => counting(toyVault(peer, random, clock), open, () => drawn++),
      carry: () => ({ bytes }) => isLost(bytes) ? [] : [{ bytes, afterMs: 1 }],
    });
    losing = true;
    drawn = 0;
    assert.equal(open.size, 0);
    const code = await codeOf(cluster, signing(cluster, "alice", "bob"));
    assert.equal(code, lost === "accept" ? "not-enough-peers" : "peer-left");
    await cluster.clock.pass(acceptLapses + 100);
    assert.deepEqual([drawn, open.size], [2, 0]);
    losing = false;
    assert.equal(await codeOf(cluster, signing(cluster, "alice", "bob")), "done");
  });
}

for (const drawMs of [0, 500]) {
  const when = drawMs === 0 ? "before" : "after";
  Deno.test(`what was drawn for an accept is wiped while a person thinks, at a coordinator that drew ${when} it heard of that`, async () => {
    const open = new Set<DrawnTask>();
    let drawn = 0;
    let made: Cluster;
    const wait = (ms: number) => new Promise<void>((resolve) => made.clock.timer(ms, resolve));
    const approve = async (): Promise<"accept"> => {
      await wait(20_000);
      return "accept";
    };
    const cluster = await toyCluster({
      made: (cluster) => made = cluster,
      vault({ peer }, random, clock) {
        const toy = toyVault(peer, random, clock);
        const draw: typeof toy.draw = async (task) => {
          await wait(drawMs);
          return await toy.draw(task);
        };
        return counting({ ...toy, draw }, open, () => drawn++);
      },
      node: (name) => name === "bob" ? { approve } : {},
    });
    await using _cluster = cluster;
    drawn = 0;
    const done = codeOf(cluster, signing(cluster, "alice", "bob"));
    await cluster.clock.pass(acceptLapses + 100);
    assert.deepEqual([drawn, open.size], [1, 0], "alice drew, and what she drew is gone");
    assert.equal(await done, "done");
    assert.deepEqual([drawn, open.size], [3, 0], "both have drawn for the second invite");
  });
}

/** The frames of an invitation of bob, caught on their way; none of them reaches its end in time. */
async function caughtAccept(cluster: Cluster, caught: Caught) {
  caught.on = true;
  assert.equal(await codeOf(cluster, signing(cluster, "alice", "bob")), "not-enough-peers");
  await cluster.clock.pass(acceptLapses + 100);
  const invite = decodeOrder(caught.invite!)!.signed;
  return { attempt: attemptOf(invite), accept: caught.accept! };
}

/** Alice says bob's invite once more. @returns What he answers, and the stream. */
async function inviteAgain(cluster: Cluster, invite: Uint8Array) {
  const { network } = cluster.at("alice").node;
  const options = { maxFrame: maxCommandFrame };
  const channel = await cluster.clock.until(network.open(cluster.peer("bob"), protocols.invite, options));
  await channel.send(invite);
  const answer = await cluster.clock.until(
    channel.receive().catch((error) => {
      if (!(error instanceof ChannelError)) throw error;
      return null;
    }),
  );
  return { channel, accept: answer && unverified(acceptRecord, answer) };
}

/** Frames between alice and bob that are kept, once `on`; bob's accept arrives nowhere. */
interface Caught {
  on: boolean;
  invite?: Uint8Array;
  accept?: Uint8Array;
}

const catching = (caught: Caught): Partial<ClusterOptions> => ({
  carry: (_clock, nameOf) => ({ bytes, protocol, from, to }) => {
    const kept = caught.on && caught.accept === undefined && protocol === protocols.invite;
    if (kept && nameOf(to) === "bob") caught.invite = bytes;
    if (!kept || nameOf(from) !== "bob" || !unverified(acceptRecord, bytes)) return [{ bytes, afterMs: 1 }];
    caught.accept = bytes;
    return [];
  },
});

Deno.test("an attempt that was accepted is not accepted again while its command lives", async () => {
  const caught: Caught = { on: false };
  await using cluster = await toyCluster(catching(caught));
  await caughtAccept(cluster, caught);
  const { accept, channel } = await inviteAgain(cluster, caught.invite!);
  channel.abort();
  assert.equal(accept, null);
  const warned = cluster.at("bob").events.some((event) =>
    event.type === "warning" && event.code === "replayed-frame" && event.peer === cluster.peer("bob")
  );
  assert.ok(warned);
});

for (const mixed of [false, true]) {
  const what = mixed
    ? "opens nothing by a go with the accept of its earlier boot"
    : "opens by a go with its own";
  Deno.test(`a member that has restarted between two accepts ${what}, and nobody names it`, async () => {
    const caught: Caught = { on: false };
    await using cluster = await toyCluster(catching(caught));
    const { attempt, accept: before } = await caughtAccept(cluster, caught);
    cluster.kill("bob");
    await cluster.boot("bob");
    await cluster.linked();
    const { identity } = cluster.at("alice");
    const { accept, channel } = await inviteAgain(cluster, caught.invite!);
    assert.notDeepEqual(accept!.value.boot, unverified(acceptRecord, before)!.value.boot);
    const { value } = accept as Signed<Accept>;
    const own = await sign(identity, acceptRecord, { ...value, attempt, nonce: new Uint8Array(32) });
    const accepts = [own.encoded, mixed ? before : accept!.encoded];
    await channel.send((await sign(identity, goRecord, { attempt, accepts })).encoded);
    await cluster.clock.pass(1_000);
    const began = cluster.at("bob").events.filter((event) =>
      event.type === "began" && event.peer === "bob" && event.kind === "sign"
    );
    assert.equal(began.length, mixed ? 0 : 1);
    channel.abort();
    await cluster.clock.pass(10_000);
    for (const { events } of cluster.nodes.values()) {
      assert.deepEqual(events.flatMap((event) => event.type === "failed" ? event.culprits : []), []);
    }
  });
}

Deno.test("two gos of one attempt name the coordinator at everybody, and nobody else", async () => {
  let lying = false;
  let made: Cluster;
  const cluster = await toyCluster({
    made: (cluster) => made = cluster,
    node: (name) =>
      name !== "alice" ? {} : {
        transport: sendingGos(
          made.network.transport(),
          async (go, to) => [lying && to === "bob" ? await anotherGo(made.at(name).identity, go) : go],
        ),
      },
  });
  await using _cluster = cluster;
  lying = true;
  const { node } = cluster.at("alice");
  const generating = node.generateKey({ wallet: "more", scheme: "ed25519", threshold: 2 });
  await codeOf(cluster, generating);
  await cluster.clock.pass(5_000);
  for (const name of ["bob", "carol"]) {
    const failed = told(cluster, name, generating.id).flatMap((event) =>
      event.type === "failed" ? [[event.code, event.culprits]] : []
    );
    assert.deepEqual(failed, [["equivocation", [cluster.peer("alice")]]], name);
  }
});

Deno.test("a peer that names another session and shows no go for it is named, and no honest one", async () => {
  let lying = false;
  let made: Cluster;
  const otherSession = async (frame: Uint8Array, to: PeerId): Promise<Uint8Array[]> => {
    const opening = lying && to === "carol" ? decodedOpening(frame) : null;
    if (opening === null) return [frame];
    const { value } = unverified(openRecord, opening.open)!;
    const open = { ...value, session: value.session.map((byte) => byte ^ 1) };
    const { encoded } = await sign(made.at("bob").identity, openRecord, open);
    return [openingRecord.encode({ ...opening, open: encoded })];
  };
  const cluster = await toyCluster({
    made: (cluster) => made = cluster,
    node: (name) =>
      name === "bob"
        ? { transport: sendingInstead(made.network.transport(), protocols.session, otherSession) }
        : {},
  });
  await using _cluster = cluster;
  lying = true;
  const { node } = cluster.at("alice");
  const generating = node.generateKey({ wallet: "more", scheme: "ed25519", threshold: 2 });
  await codeOf(cluster, generating);
  await cluster.clock.pass(5_000);
  const ends = ["alice", "carol"].map((name) =>
    told(cluster, name, generating.id).flatMap((event) =>
      event.type === "failed" ? [[event.code, event.culprits, event.evidence]] : []
    )
  );
  assert.deepEqual(ends, [[["aborted-by-peer", [], undefined]], [["malformed-message", ["bob"], undefined]]]);
});

/** The first frame of a stream, or null for a later one. */
function decodedOpening(frame: Uint8Array): ReturnType<typeof openingRecord.decode> | null {
  try {
    return openingRecord.decode(frame);
  } catch {
    return null; // sealed
  }
}

Deno.test("after a go that does not reach its member no other party is proposed", async () => {
  let breaking = false;
  let made: Cluster;
  const gone: PeerId[] = [];
  const cluster = await toyCluster({
    made: (cluster) => made = cluster,
    node: (name) =>
      name !== "alice" ? {} : {
        transport: sendingGos(made.network.transport(), (go, to) => {
          if (!breaking) return Promise.resolve([go]);
          gone.push(to);
          return Promise.reject(new ChannelError("left"));
        }),
      },
  });
  await using _cluster = cluster;
  breaking = true;
  const command = signing(cluster);
  assert.match(String(await codeOf(cluster, command)), /^(peer-left|round-timeout)$/);
  assert.equal(gone.length, 1);
  const proposed = told(cluster, "alice", command.id).filter(({ type }) => type === "proposed");
  assert.equal(proposed.length, 1);
});

Deno.test("nothing of a protocol leaves before its command is on disk as used", async () => {
  let cluster: Cluster | null = null;
  let durable = false;
  let slow = false;
  const early: string[] = [];
  const slowStore = (): Store => {
    const inner = memoryStore();
    return {
      get: (name) => inner.get(name),
      names: (prefix) => inner.names(prefix),
      close: () => inner.close(),
      async swap(name, from, sealed) {
        const waits = slow && name.startsWith("command/");
        if (waits) await new Promise<void>((resolve) => cluster!.clock.timer(500, resolve));
        const swapped = await inner.swap(name, from, sealed);
        durable ||= waits;
        return swapped;
      },
    };
  };
  cluster = await toyCluster({
    store: (name) => name === "bob" ? slowStore() : memoryStore(),
    node: (name) => ({
      wrapWire: (wire) =>
        sending(wire, (said) => {
          if (name === "bob" && slow && !durable && isProtocolRound(said.round)) early.push(said.round);
          return [said];
        }),
    }),
  });
  await using _cluster = cluster;
  slow = true;
  assert.equal(await codeOf(cluster, signing(cluster, "alice", "bob")), "done");
  assert.deepEqual([early, durable], [[], true]);
});
