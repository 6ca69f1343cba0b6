/**
 * The presence of the peers: which can be reached, and which have links with each other. Pure.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import type { State } from "./model.ts";
import { holders } from "./primary.ts";

export type Standing = "ready" | "locked" | "unknown" | "connecting" | "trying again" | "away";

/**
 * The standing of a holder, `unknown` while this browser is offline. A holder whose shares are locked is not ready. Only
 * holders have links with each other, so a page that holds nothing takes a holder as ready if it is connected and reports
 * a link to another.
 */
export function standing(peer: PeerId, state: State): Standing {
  const { self, peers } = state;
  const status = peers.get(peer);
  if (!state.online && peer !== self) return "unknown";
  const open = status?.locked ? "locked" : "ready";
  if (peer === self || status?.link === "up") return open;
  if (status?.link === "retrying") return "trying again";
  if (!status?.connected) return "away";
  const alone = holders(state).length < 2;
  const holder = self !== null && (peers.get(self)?.rights.includes("holder") ?? false);
  return !holder && (alone || status.links.length > 0) ? open : "connecting";
}

/** As in “Bob is …”. */
export const standingWords: Readonly<Record<Standing, string>> = {
  "ready": "here",
  "locked": "locked",
  "connecting": "connecting",
  "trying again": "being reconnected",
  "away": "away",
  "unknown": "out of sight",
};

/** Whether `from` reports a link to `to`: by its presence, which corrects itself, else by its events; null if unknown. */
export function hasLink({ links, peers }: State, from: PeerId, to: PeerId): boolean | null {
  const status = peers.get(from);
  if (status?.connected) return status.links.includes(to);
  const event = links.get(from)?.get(to);
  return event ? event.state === "up" : null;
}
