/**
 * Who can be reached, and who has links to whom. Pure.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import type { State } from "./model.ts";
import { holders } from "./primary.ts";

export type Standing = "ready" | "locked" | "unknown" | "connecting" | "trying again" | "link lost" | "away";

/**
 * How a holder stands; nothing is known of it while this browser is offline. One whose shares are locked is not ready. Only holders have links with each other: to a page that holds nothing, one is ready that is
 * connected and says that it has a link to another.
 */
export function standing(peer: PeerId, state: State): Standing {
  const { self, peers } = state;
  const status = peers.get(peer);
  if (!state.online && peer !== self) return "unknown";
  const open = status?.locked ? "locked" : "ready";
  if (peer === self || status?.link === "up") return open;
  if (status?.link === "lost") return "link lost";
  if (status?.link === "retrying") return "trying again";
  if (!status?.connected) return "away";
  const alone = holders(state).length < 2;
  const holder = self !== null && (peers.get(self)?.rights.includes("holder") ?? false);
  return !holder && (alone || (status.links?.length ?? 1) > 0) ? open : "connecting";
}

/** As in “Bob is …”. */
export const standingWords: Readonly<Record<Standing, string>> = {
  "ready": "here",
  "locked": "locked",
  "connecting": "connecting",
  "trying again": "being reconnected",
  "link lost": "being reconnected",
  "away": "away",
  "unknown": "out of sight",
};

/** Whether `from` says that it has a link to `to`: in its presence, which mends itself, else in its events. */
export function linked({ links, peers }: State, from: PeerId, to: PeerId): boolean | null {
  const status = peers.get(from);
  if (status?.connected && status.links) return status.links.includes(to);
  const event = links.get(from)?.get(to);
  return event ? event.state === "up" : null;
}
