/**
 * The context of a node's cluster side with its roster.
 * @module
 */
import type { PeerId, WarningCode } from "../../failure.ts";
import type { BaseContext } from "../context.ts";
import type { Right } from "../records/rights.ts";
import type { Roster, RosterPeer } from "./roster.ts";

/** The base context, and the roster in force. */
export interface RosterContext extends BaseContext {
  /** The roster in force. */
  roster(): Roster;
  /** A peer of the roster in force. */
  member(peer: PeerId): RosterPeer | undefined;
}

/** The part of the event log that takes warnings. */
export interface Warnings {
  /** @param via The peer whose connection the warning is about; null if that is not known. */
  warn(code: WarningCode, via: PeerId | null): void;
}

/** Whether `peer` has `right` in the roster in force. */
export function has(context: Pick<RosterContext, "member">, peer: PeerId, right: Right): boolean {
  return context.member(peer)?.rights.includes(right) ?? false;
}
