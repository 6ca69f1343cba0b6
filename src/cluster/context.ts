/**
 * What every part of a node's cluster side stands on.
 * @module
 */
import type { Curve } from "../events.ts";
import type { Kind, PeerId } from "../failure.ts";
import type { Limits } from "../limits.ts";
import type { Clock, GuardedVault, Identity, Network, Random, Wire } from "../ports.ts";
import type { Rows } from "../keystore/key_rows.ts";
import type { Roster, RosterPeer } from "./roster/roster.ts";
import type { EventLog } from "./events/event_log.ts";

/** What a wire is about, for who stands in front of it. */
export interface WireFacts {
  id: string;
  /** 32 bytes. */
  session: Uint8Array;
  kind: Kind;
  /** Null for a link. */
  curve: Curve | null;
  party: readonly PeerId[];
}

export interface Context {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly network: Network;
  readonly rows: Rows;
  readonly vault: GuardedVault;
  readonly teller: EventLog;
  /** The roster in force. */
  roster(): Roster;
  /** A peer of the roster in force. */
  member(peer: PeerId): RosterPeer | undefined;
  /** The demonstration's adversary. */
  wrapWire?(wire: Wire, about: WireFacts): Wire;
  /** Aborted when the node stops. */
  readonly stopping: AbortSignal;
}

/** Whether `peer` has `right` in the roster in force. */
export function has(
  context: Pick<Context, "member">,
  peer: PeerId,
  right: RosterPeer["rights"][number],
): boolean {
  return context.member(peer)?.rights.includes(right) ?? false;
}

/** Protocol names on the wire. */
export const protocols = {
  link: "/quorate/link/2",
  session: "/quorate/session/2",
  invite: "/quorate/invite/2",
  command: "/quorate/command/2",
  result: "/quorate/result/2",
  sync: "/quorate/sync/2",
  join: "/quorate/join/2",
} as const;
