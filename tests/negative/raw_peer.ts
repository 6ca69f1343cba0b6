/**
 * A peer without a node: an identity and a network, and whatever a test makes it say. Not a test by itself.
 * @module
 */
import { type Result, resultRecord } from "../../src/cluster/commands/results.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { Command } from "../../src/cluster/records/command.ts";
import { commandRecord } from "../../src/cluster/records/command.ts";
import { itemFacts } from "../../src/cluster/records/items.ts";
import { encodeOrder } from "../../src/cluster/records/order.ts";
import { presenceRecord } from "../../src/cluster/rollback/presence.ts";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import type { FailureCode } from "../../src/failure.ts";
import type { Channel, Identity, Network, Random } from "../../src/ports.ts";
import { groups } from "../../src/crypto/group.ts";
import { frostSuites } from "../../src/protocol/sign_frost_messages.ts";
import type { SignItem } from "../../src/schemes/scheme.ts";
import { type Accept, acceptRecord } from "../../src/session/invite.ts";
import { readSigned, sign, unverified } from "../../src/session/signed.ts";
import { askingHost } from "../../src/transport/asking_host.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { item } from "../sim/item.ts";
import type { Scene } from "./scene.ts";

export interface RawPeer {
  identity: Identity;
  network: Network;
  random: Random;
}

/** Someone nobody knows, in the same place as everybody. */
export async function stranger(scene: Scene, seed = "stranger"): Promise<RawPeer> {
  const random = seededRandom(seed);
  const identity = await nobleIdentity(random);
  return { identity, random, network: await onNetwork(scene, identity) };
}

/** A member whose node is gone and whose keys somebody else has: it says what it likes. */
export async function inPlaceOf(scene: Scene, name: string): Promise<RawPeer> {
  const { identity } = scene.everyone(name);
  scene.cluster.kill(name);
  await scene.clock.pass(100);
  return { identity, random: seededRandom(`raw ${name}`), network: await onNetwork(scene, identity) };
}

function onNetwork(scene: Scene, identity: Identity): Promise<Network> {
  return scene.cluster.network.transport().start({ ...askingHost(identity, () => true), strangers: () => 8 });
}

/** Connects and opens a stream. */
export async function reach(
  scene: Scene,
  { network }: RawPeer,
  name: string,
  protocol: string,
): Promise<Channel> {
  const peer = scene.peer(name);
  const { signal } = new AbortController();
  await network.connect(peer, [`/memory/${name}`], signal);
  return await network.open(peer, protocol, { maxFrame: 1 << 20, signal });
}

/** What comes next over a channel within `ms`, or how it ended. */
export async function next(
  scene: Scene,
  channel: Channel,
  ms = 10_000,
): Promise<Uint8Array | "ended" | "broken" | "nothing"> {
  let came: Uint8Array | "ended" | "broken" | "nothing" = "nothing";
  const reading = channel.receive().then((frame) => came = frame ?? "ended", () => came = "broken");
  for (let waited = 0; waited < ms && came === "nothing"; waited += 50) await scene.clock.pass(50);
  void reading;
  return came;
}

/** A signed command or invite in the frame that it travels in, with the items beside it. */
export const framed = (signed: Uint8Array, items: readonly SignItem[] = []): Uint8Array =>
  encodeOrder({ signed, items });

/** The items of a command by {@linkcode commandOf} that was given none. */
export const usualItems = (command: Uint8Array): SignItem[] =>
  unverified(commandRecord, command)?.value.kind === "sign" ? [item()] : [];

/** Sends a coordinator a command by hand. @returns The result that it reports, or how the stream ended. */
export async function resultOf(
  scene: Scene,
  by: RawPeer,
  encoded: Uint8Array,
  { coordinator = "alice", items = usualItems(encoded) }: {
    coordinator?: string;
    items?: readonly SignItem[];
  } = {},
): Promise<Result | "ended" | "broken" | "nothing"> {
  const channel = await reach(scene, by, coordinator, protocols.command);
  await channel.send(framed(encoded, items));
  for (;;) {
    const frame = await next(scene, channel, 40_000);
    if (!(frame instanceof Uint8Array)) return frame;
    const result = await readSigned(by.identity, resultRecord, frame);
    if (result?.by === scene.peer(coordinator)) return result.value;
  }
}

/** The same, but only the code of the result: null for success. */
export async function codeOf(
  ...sent: Parameters<typeof resultOf>
): Promise<FailureCode | null | "ended" | "broken" | "nothing"> {
  const result = await resultOf(...sent);
  return typeof result === "string" ? result : result.code;
}

/**
 * A command as its initiator would sign it, but for what is changed before. It has the number and the hash of
 * `items`; a signature without them signs the empty message.
 */
export async function commandOf(
  scene: Scene,
  by: Identity,
  { items, ...changes }: Partial<Command> & { items?: readonly SignItem[] } = {},
): Promise<Uint8Array> {
  const now = scene.clock.now();
  const signs = changes.kind === "sign";
  const command: Command = {
    id: crypto.getRandomValues(new Uint8Array(16)),
    cluster: scene.cluster.roster.cluster,
    kind: "generate",
    wallet: "theirs",
    scheme: "ed25519",
    threshold: 2,
    members: scene.names.map((name) => scene.peer(name)).sort(),
    dealers: [],
    gone: [],
    signers: [],
    keyId: signs ? Uint8Array.fromHex(scene.key?.session ?? "00".repeat(32)) : new Uint8Array(),
    epoch: signs ? scene.key?.epoch ?? 1 : 0,
    ...itemFacts(items ?? (signs ? [item()] : [])),
    note: "",
    reference: "",
    coordinators: [scene.peer("alice")],
    created: now,
    expires: now + 60_000,
    ...changes,
  };
  return (await sign(by, commandRecord, command)).encoded;
}

/** A first round of an Ed25519 signature that decodes, and that nobody can answer for. */
export const someCommitment = frostSuites.ed25519.nonceCommitment.encode({
  hiding: groups.ed25519.encodeElement(groups.ed25519.multiplyBase(5n)),
  binding: groups.ed25519.encodeElement(groups.ed25519.multiplyBase(6n)),
});

/** An accept for an Ed25519 signature, signed by whoever's identity it is, but for what is changed before. */
export async function acceptOf(
  by: Identity,
  attempt: Uint8Array,
  changes: Partial<Accept> = {},
): Promise<Uint8Array> {
  const [boot, nonce] = [new Uint8Array(8).fill(9), new Uint8Array(32).fill(1)];
  return (await sign(by, acceptRecord, { attempt, boot, nonce, firstRound: someCommitment, ...changes }))
    .encoded;
}

/** A hello, signed by whoever's identity it is, but for what is changed before. */
export async function helloOf(
  scene: Scene,
  by: Identity,
  changes: Partial<ReturnType<typeof presenceRecord.decode>> = {},
): Promise<Uint8Array> {
  const { roster } = scene.cluster;
  const presence = {
    peer: by.peer,
    boot: new Uint8Array(8).fill(9),
    life: 0,
    store: 1,
    generation: 1,
    key: new Uint8Array(32).fill(9),
    time: scene.clock.now(),
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    links: [],
    locked: false,
    ...changes,
  };
  return (await sign(by, presenceRecord, presence)).encoded;
}
