/**
 * Making a key, and dealing one anew, for a request on the control socket.
 * @module
 */
import type { GroupKey } from "../../../cluster/keys/group_key.ts";
import type { KeyRequest, ReshareRequest } from "../../../cluster/records/key_name.ts";
import type { PeerId } from "../../../failure.ts";
import type { QuorateNode } from "../../../node/api.ts";
import { until } from "../wait.ts";
import { nameIn, peersNamed } from "../peer_names.ts";
import { type Performing, resultOf } from "../performing.ts";
import type { RequestOf } from "../requests.ts";
import { type KnownKey, knownKey } from "./known_keys.ts";

/** The time in which the members that are there have erased their shares of the epoch before, ms. */
const erasingMs = 5_000;

/** A key that was made or dealt anew. */
export interface Dealt {
  /** The id of the command. */
  id: string;
  key: KnownKey;
}

/** Waits until all members are there, and makes a key. @throws {InputError} @throws {ExplainedFailure} */
export async function createKey(
  { wallet, scheme, threshold, members, id, note, reference, waitMs }: RequestOf<"create-key">,
  about: Performing,
): Promise<Dealt> {
  const { node } = about;
  const request: KeyRequest = {
    ...{ wallet, scheme, threshold, note, reference },
    ...(id !== undefined && { id }),
    ...(members !== undefined && { members: peersNamed("members", members, node.roster) }),
  };
  const holders = node.roster.peers.filter(({ rights }) => rights.includes("holder"));
  await untilThere(request.members ?? holders.map(({ peer }) => peer), waitMs, about);
  about.signal.throwIfAborted();
  const session = node.generateKey(request);
  const key = await resultOf(about, session);
  return { id: session.id, key: await knownKey(await latest(node, key), node) };
}

/**
 * Waits until everybody who takes part is there, and deals a key anew.
 *
 * @throws {InputError}
 * @throws {ExplainedFailure}
 */
export async function reshare(asked: RequestOf<"reshare">, about: Performing): Promise<Dealt> {
  const { node } = about;
  const { roster } = node;
  const { wallet, scheme, keyId, threshold, id, note, reference, members, gone, dealers, waitMs } = asked;
  const request: ReshareRequest = {
    ...{ wallet, scheme, threshold, note, reference },
    ...(id !== undefined && { id }),
    members: peersNamed("members", members, roster),
    ...(gone !== undefined && { gone: peersNamed("gone", gone, roster, { left: true }) }),
    ...(dealers !== undefined && { dealers: peersNamed("dealers", dealers, roster) }),
    ...(keyId !== undefined && { keyId }),
  };
  await until(
    async () => {
      const [key] = await keysFor(node, request);
      if (!key) {
        about.progress(`waiting to hear of “${wallet}” …`);
        return Date.now() > about.started + waitMs;
      }
      const party = [...request.members, ...key.members.filter((peer) => !isGone(node, peer, request))];
      return areThere(party, about);
    },
    waitMs,
    about.signal,
  );
  about.signal.throwIfAborted();
  const before = (await keysFor(node, request))[0];
  const session = node.reshare(request);
  if (before) about.note(planOf(node, before, request));
  const key = await resultOf(about, session);
  about.progress("waiting until the shares of the epoch before are erased …");
  await until(async () => areErased(await latest(node, key), request), erasingMs, about.signal);
  return { id: session.id, key: await knownKey(await latest(node, key), node) };
}

/** Waits until these peers are connected; after that the cluster reports who is missing. */
const untilThere = (peers: readonly PeerId[], ms: number, about: Performing): Promise<boolean> =>
  until(() => Promise.resolve(areThere(peers, about)), ms, about.signal);

function areThere(peers: readonly PeerId[], { node, progress }: Performing): boolean {
  const away = peers.filter((peer) => peer !== node.self && !isUp(node, peer));
  if (away.length > 0) progress(`waiting for ${[...new Set(away)].map(nameIn(node)).join(", ")} …`);
  return away.length === 0;
}

/** True if a peer is connected, and linked if both hold shares. */
function isUp(node: QuorateNode, peer: PeerId): boolean {
  const status = node.peers.get(peer);
  if (!status?.connected) return false;
  const own = node.roster.peers.find((known) => known.peer === node.self);
  const linked = own?.rights.includes("holder") && status.rights.includes("holder");
  return !linked || status.link === "up";
}

async function keysFor(node: QuorateNode, { wallet, scheme, keyId }: ReshareRequest): Promise<GroupKey[]> {
  const named = (await node.keys()).filter((key) => key.wallet === wallet && key.scheme === scheme);
  return named.filter(({ session, state }) => keyId === undefined ? state !== "retired" : session === keyId);
}

function isGone(node: QuorateNode, peer: PeerId, { gone }: ReshareRequest): boolean {
  if (gone) return gone.includes(peer);
  return !node.roster.peers.some((known) => known.peer === peer && known.rights.includes("holder"));
}

/** The changes that are about to be made, in lines. */
function planOf(node: QuorateNode, before: GroupKey, request: ReshareRequest): string {
  const nameOf = nameIn(node);
  const { wallet, scheme, threshold, members } = request;
  const gone = before.members.filter((peer) => isGone(node, peer, request));
  const held = ({ threshold, members }: { threshold: number; members: readonly PeerId[] }) =>
    `${threshold} of ${members.length} (${members.map(nameOf).join(", ")})`;
  const lines = [
    `${wallet}, ${scheme}: epoch ${before.epoch}, ${held(before)}, is dealt anew to ${
      held({ threshold, members })
    }`,
  ];
  if (gone.length > 0) {
    const one = gone.length === 1;
    lines.push(
      `${gone.map(nameOf).join(", ")} ${one ? "takes" : "take"} no part, and ${
        one ? "keeps its share" : "keep their shares"
      } ` +
        `of epoch ${before.epoch} until ${one ? "it hears" : "they hear"} of the next one`,
    );
  }
  return lines.join("\n");
}

/** The key as the node knows it now. */
async function latest(node: QuorateNode, key: GroupKey): Promise<GroupKey> {
  return (await node.keys()).find(({ session }) => session === key.session) ?? key;
}

/** True if everyone who took part has said that its share of the epoch before is erased. */
function areErased({ past }: GroupKey, { gone = [] }: ReshareRequest): boolean {
  const before = past.at(-1);
  return before !== undefined &&
    before.members.every((peer) => before.erased.includes(peer) || gone.includes(peer));
}
