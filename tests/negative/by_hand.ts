/**
 * Invites, gos and streams of sessions that a test makes by hand, over the links of a running node. Not a test by
 * itself.
 * @module
 */
import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { decodeOrder, encodeOrder } from "../../src/cluster/records/order.ts";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import type { Channel, Identity } from "../../src/ports.ts";
import type { SignItem } from "../../src/schemes/scheme.ts";
import { openingRecord, openRecord } from "../../src/session/control.ts";
import { attemptOf, goRecord, inviteRecord } from "../../src/session/invite.ts";
import { sign } from "../../src/session/signed.ts";
import { item } from "../sim/item.ts";
import { commandOf, next } from "./raw_peer.ts";
import { hello, type Scene } from "./scene.ts";

/** One attempt to sign with the scene's key. */
export interface ByHand {
  attempt: Uint8Array;
  /** Signed. */
  invite: Uint8Array;
  /** Names, in the order of the party. */
  party: string[];
}

/** An attempt of a command to sign `hello`, or `items`, that its coordinator has asked for itself, or `by`. */
export async function attemptBy(
  scene: Scene,
  coordinator: string,
  names: readonly string[],
  { by = coordinator, items = [item({ message: hello })] }: { by?: string; items?: readonly SignItem[] } = {},
): Promise<ByHand> {
  const { identity } = scene.everyone(coordinator);
  const party = scene.inOrder(names);
  const { roster } = scene.cluster;
  const command = await commandOf(scene, scene.everyone(by).identity, {
    kind: "sign",
    wallet: "treasury",
    scheme: scene.scheme,
    members: [],
    threshold: 0,
    items,
    coordinators: [identity.peer],
  });
  const invite = (await sign(identity, inviteRecord, {
    command,
    party: party.map((name) => scene.peer(name)),
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: Uint8Array.fromHex(scene.key.session),
    epoch: 1,
    nonce: crypto.getRandomValues(new Uint8Array(32)),
  })).encoded;
  return { invite, attempt: attemptOf(invite), party };
}

/** Opens a stream over the links of the node `from`. */
export function streamOf(scene: Scene, from: string, to: string, protocol: string): Promise<Channel> {
  return scene.clock.until(scene.node(from).network.open(scene.peer(to), protocol, { maxFrame: 1 << 20 }));
}

/** Sends an invite. @returns The stream, which waits for the go, and what came back, if anything did. */
export async function inviteTo(
  scene: Scene,
  from: string,
  to: string,
  { invite }: ByHand,
): Promise<{ channel: Channel; answer: Awaited<ReturnType<typeof next>> }> {
  const channel = await streamOf(scene, from, to, protocols.invite);
  await channel.send(encodeOrder({ signed: invite, items: [item({ message: hello })] }));
  return { channel, answer: await next(scene, channel, 1_000) };
}

/** The same, for an honest member: it accepts. */
export async function acceptedBy(
  ...[scene, from, to, attempt]: Parameters<typeof inviteTo>
): Promise<{ channel: Channel; accept: Uint8Array }> {
  const { channel, answer } = await inviteTo(scene, from, to, attempt);
  assert.ok(answer instanceof Uint8Array, `${to} says ${answer}`);
  return { channel, accept: answer };
}

/** A go with these accepts, which are given by name. */
export async function goOf(
  by: Identity,
  { attempt, party }: ByHand,
  accepts: Readonly<Record<string, Uint8Array>>,
): Promise<Uint8Array> {
  return (await sign(by, goRecord, { attempt, accepts: party.map((name) => accepts[name]!) })).encoded;
}

/** The first frame of a stream of a session. */
export async function openingOf(
  by: Identity,
  { attempt, session, go }: { attempt: Uint8Array; session: Uint8Array; go: Uint8Array },
): Promise<Uint8Array> {
  const open = { kind: "sign" as const, attempt, session, link: new Uint8Array(32) };
  return openingRecord.encode({ open: (await sign(by, openRecord, open)).encoded, go });
}

/** Takes streams of sessions for a node, and says nothing on them. */
export function swallows(scene: Scene, name: string): void {
  scene.node(name).network.handle(protocols.session, () => {}, { maxFrame: 1 << 20 });
}

/** From now on `name` answers invites by hand. */
export function answers(
  scene: Scene,
  name: string,
  answer: (channel: Channel, attempt: Uint8Array) => Promise<void>,
): void {
  scene.node(name).network.handle(
    protocols.invite,
    (channel) =>
      void (async () => {
        const order = decodeOrder((await channel.receive())!)!;
        await answer(channel, attemptOf(order.signed));
      })().catch(() => {}), // who is hung up on has nothing more to say
    { maxFrame: 1 << 20 },
  );
}
