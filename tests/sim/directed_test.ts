/**
 * Checks of single defences, each of which a mutant takes away: see `mutants.ts`.
 */
import assert from "node:assert/strict";
import { encode } from "cborg";
import { commandRecord } from "../../src/cluster/records/command.ts";
import { decodeOrder } from "../../src/cluster/records/order.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { signRoster } from "../../src/cluster/roster/roster.ts";
import { directionKey, seal } from "../../src/crypto/x25519.ts";
import { ChannelError, SessionError } from "../../src/errors.ts";
import { maxSessionMessage } from "../../src/limits.ts";
import type { Channel, Envelope, Host } from "../../src/ports.ts";
import { encodeEnvelope, signEnvelope } from "../../src/session/envelope.ts";
import { unverified } from "../../src/session/signed.ts";
import { openWire } from "../../src/session/wire.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import { Cluster, type ClusterOptions, seededRandom } from "./cluster.ts";
import { stubIdentity } from "./identity.ts";
import { toyVault } from "./toy_vault.ts";
import { sending } from "../../src/demo/cheats/cheat_wire.ts";

const signal = new AbortController().signal;
const hello = new TextEncoder().encode("hello");

function toyCluster(options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  return Cluster.start({
    identities: stubIdentity,
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
    consoles: ["console"],
    ...options,
  });
}

const newKey = (cluster: Cluster, name = "console", wallet = "ours") =>
  cluster.clock.until(
    cluster.at(name).node.generateKey({ wallet, scheme: "ed25519", threshold: 2 }).result,
  );
const code = (error: unknown) => error instanceof SessionError ? error.code : error;

Deno.test("a peer that is not in the roster gets no connection, and no stream", async () => {
  await using cluster = await toyCluster();
  const identity = await stubIdentity(cluster.random, "mallory");
  const host: Host = {
    identity,
    admits: () => true,
    strangers: () => 0,
    connected() {},
    disconnected() {},
    changed() {},
    reservation() {},
    dropped() {},
  };
  const network = await cluster.network.transport().start(host);
  const alice = cluster.peer("alice");
  await cluster.clock.until(
    assert.rejects(network.connect(alice, ["/memory/alice"], signal), ChannelError),
  );
  await cluster.clock.until(assert.rejects(network.open(alice, protocols.invite, {}), ChannelError));
  await network.stop();
});

Deno.test("a direct round is nowhere on the network as its sender wrote it", async () => {
  const [said, carried]: [string[], string[]] = [[], []];
  await using cluster = await toyCluster({
    carry: () => ({ bytes }) => {
      carried.push(bytes.toHex());
      return [{ bytes, afterMs: 1 }];
    },
    node: () => ({
      wrapWire: (wire) =>
        sending(wire, (one) => {
          if (one.round === "deal") said.push(one.body.toHex());
          return [one];
        }),
    }),
  });
  await newKey(cluster);
  assert.equal(said.length, 6);
  assert.ok(!said.some((body) => carried.some((frame) => frame.includes(body))));
});

/** What a wire makes of an envelope that `carol` sends to `alice`. */
async function received(make: (session: Uint8Array) => Promise<Envelope>) {
  const alice = await stubIdentity(seededRandom("alice"), "alice");
  const [session, linkSecret] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(9)];
  const key = directionKey(linkSecret, session, "carol", "alice");
  const piece = encode(["quorate/1/piece", "whole", encodeEnvelope(await make(session))]);
  const frames = [encode(["quorate/2/frame", 0, seal(key, 0, session, piece)])];
  const [heard, warned]: [Envelope[], string[]] = [[], []];
  const wire = openWire({
    identity: alice,
    session,
    party: ["alice", "bob", "carol"],
    maxMessage: maxSessionMessage(1),
    control: (envelope) => heard.push(envelope),
    left() {},
    fault: (error) => warned.push(error.code),
    warn: (code) => warned.push(code),
  });
  wire.incoming.listen((incoming) => incoming.type === "envelope" && heard.push(incoming.envelope));
  const channel: Channel = {
    peer: "carol",
    protocol: protocols.session,
    send: () => Promise.resolve(),
    receive: () => Promise.resolve(frames.shift() ?? null),
    end: () => Promise.resolve(),
    abort() {},
  };
  wire.listenTo("carol", { channel, linkSecret });
  await wire.ended();
  return { heard: heard.length, warned };
}

Deno.test("openWire() drops what one peer passes on in another's name", async () => {
  const bob = await stubIdentity(seededRandom("bob"), "bob");
  const came = await received((session) =>
    signEnvelope(bob, { session, round: "share", to: "*", body: hello })
  );
  assert.deepEqual(came, { heard: 0, warned: ["unauthentic-frame"] });
});

Deno.test("openWire() drops an envelope that its author has not signed", async () => {
  const came = await received((session) =>
    Promise.resolve({
      session,
      round: "share",
      from: "carol",
      to: "*",
      body: hello,
      signature: new Uint8Array(64),
    })
  );
  assert.deepEqual(came, { heard: 0, warned: ["unauthentic-frame"] });
});

Deno.test("a key that cannot be read is not taken for one that is not there", async () => {
  const faults: Fault[] = [];
  await using cluster = await toyCluster({ store: () => faultyStore(memoryStore(), faults) });
  await newKey(cluster);
  cluster.kill("alice");
  faults.push({ on: "get", name: /^key\//, then: "fail" });
  await cluster.boot("alice");
  faults.length = 0;
  await cluster.linked();
  const making = newKey(cluster, "alice", "another");
  assert.equal(await making.then(() => "made", code), "store-failed");
});

Deno.test("a member with another roster of the same version takes no part", async () => {
  await using cluster = await toyCluster();
  const { peers } = cluster.roster;
  const named = (name: string) => peers.map((peer) => peer.name === "console" ? { ...peer, name } : peer);
  const [one, other] = await Promise.all(
    ["console one", "console two"].map((name) => signRoster(cluster.admin, named(name), cluster.roster)),
  );
  for (const name of ["alice", "bob", "carol", "console"]) cluster.kill(name);
  cluster.roster = one!;
  await cluster.boot("alice");
  cluster.roster = other!;
  for (const name of ["bob", "carol"]) await cluster.boot(name);
  await cluster.linked();
  const making = newKey(cluster, "alice");
  const claims = await making.then(() => [], (error) => (error as SessionError).claims);
  assert.deepEqual(claims.map(({ code }) => code), ["roster-mismatch", "roster-mismatch"]);
});

Deno.test("a command that was carried out is not carried out again", async () => {
  const commands: Uint8Array[] = [];
  await using cluster = await toyCluster({
    carry: () => ({ bytes, protocol, from }) => {
      if (protocol === protocols.command && from === "console") commands.push(bytes);
      return [{ bytes, afterMs: 1 }];
    },
  });
  await newKey(cluster);
  const { node } = cluster.at("console");
  const signing = node.sign({ wallet: "ours", scheme: "ed25519", message: hello });
  await cluster.clock.until(signing.result);
  await cluster.clock.pass(3_000);
  const again = commands.find((bytes) =>
    unverified(commandRecord, decodeOrder(bytes)?.signed ?? bytes)?.value.id.toHex() === signing.id
  )!;
  const { network } = node;
  const channel = await cluster.clock.until(network.open(cluster.peer("alice"), protocols.command, {}));
  await channel.send(again);
  await cluster.clock.pass(3_000);
  channel.abort();
  const ends = cluster.at("alice").events.filter((event) =>
    event.type === "done" && event.id === signing.id && event.peer === "alice"
  );
  assert.ok(ends.length <= 1, `${ends.length} ends`);
  const began = cluster.at("alice").events.filter((event) =>
    event.type === "began" && event.id === signing.id && event.peer === "alice"
  );
  assert.equal(began.length, 1);
});

Deno.test("a signature that does not verify is thrown away, whoever made it", async () => {
  await using cluster = await toyCluster({
    vault: ({ peer }, random, clock) => {
      const vault = toyVault(peer, random, clock);
      const draw: typeof vault.draw = async (task) => {
        const drawn = await vault.draw(task);
        return {
          ...drawn,
          async run(agreed, io) {
            const outcome = await drawn.run(agreed, io);
            if (outcome.kind !== "sign") return outcome;
            return { ...outcome, signatures: outcome.signatures.map(() => new Uint8Array(64).fill(1)) };
          },
        };
      };
      return { ...vault, draw };
    },
  });
  await newKey(cluster);
  const { node } = cluster.at("alice");
  const signing = node.sign({ wallet: "ours", scheme: "ed25519", message: hello }).result;
  assert.equal(await cluster.clock.until(signing).then(() => "signed", code), "result-rejected");
});
