/**
 * The page's state: all that it knows. `reduce.ts` folds events and actions into it.
 * @module
 */
import type { Failure, KeyEvent, LinkEvent, SessionId, Warning } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Ban, GroupKey, PeerStatus, Readiness, Right } from "../node/node_port.ts";
import type { Session, SessionKey } from "./sessions.ts";
import type { Scenario } from "./scenario.ts";

/** The state of a link as one of its ends reports it. */
export interface KnownLink {
  state: LinkEvent["state"];
  /** The time until the next try, ms; null if none is planned. */
  inMs: number | null;
}

/** One kind of warning, with the count of the peer that reports it. */
export interface WarningLine {
  warning: Warning;
  count: number;
}

/** A peer's refusal to use a key with another. */
export interface KnownBan extends Pick<Ban, "wallet" | "scheme" | "by" | "other" | "at"> {
  /** The key's id; null where only its name is known, as from the event of a ban. */
  keyId: SessionId | null;
}

/** A sentence for screen readers. */
export interface Announcement {
  session: SessionKey;
  text: string;
}

export interface State {
  self: PeerId | null;
  /** This tab's rights. */
  rights: readonly Right[];
  peers: ReadonlyMap<PeerId, PeerStatus>;
  /** By the peer that reports, then by the other end. */
  links: ReadonlyMap<PeerId, ReadonlyMap<PeerId, KnownLink>>;
  /** Failed key exchanges, the newest last. The nodes repeat them by themselves. */
  linkFaults: readonly Failure[];
  keys: readonly GroupKey[] | null;
  /** Each peer's state of a key: by the key's id, then by peer. */
  keyStates: ReadonlyMap<SessionId, ReadonlyMap<PeerId, KeyEvent>>;
  /** By the key's id. */
  readiness: ReadonlyMap<SessionId, Readiness>;
  bans: readonly KnownBan[];
  /** Like bans, until an operator releases the pair. */
  quarantines: readonly KnownBan[];
  /** The id of the key to work with. */
  selected: SessionId | null;
  sessions: ReadonlyMap<SessionKey, Session>;
  /** Each peer's boots, in the order of their first events. */
  boots: ReadonlyMap<PeerId, readonly string[]>;
  warnings: ReadonlyMap<string, WarningLine>;
  /** The number of events that arrived too fast for this page. */
  dropped: number;
  log: readonly Announcement[];
  scenarios: readonly Scenario[];
  /** Peers that can be told to cheat; empty with real nodes. */
  cheatingPeers: readonly PeerId[];
  /** Sessions that the person opened or closed by hand. */
  unfolded: ReadonlyMap<SessionKey, boolean>;
  /** The session that the page's address links to. */
  linked: SessionKey | null;
  ended: boolean;
  /** Whether this browser has a network, as far as it knows. */
  online: boolean;
}

const sessionsKept = 60; // each takes a few kB

export const initial: State = {
  self: null,
  rights: [],
  peers: new Map(),
  links: new Map(),
  linkFaults: [],
  keys: null,
  keyStates: new Map(),
  readiness: new Map(),
  bans: [],
  quarantines: [],
  selected: null,
  sessions: new Map(),
  boots: new Map(),
  warnings: new Map(),
  dropped: 0,
  log: [],
  scenarios: [],
  cheatingPeers: [],
  unfolded: new Map(),
  linked: null,
  ended: false,
  online: true,
};

/** Drops the oldest sessions over the limit, those that this page requested last. */
export function bounded(sessions: Map<SessionKey, Session>, keep: SessionKey): Map<SessionKey, Session> {
  while (sessions.size > sessionsKept) {
    const others = [...sessions.values()].filter(({ key }) => key !== keep);
    const oldest = others.find(({ request }) => !request) ?? others[0]!;
    sessions.delete(oldest.key);
  }
  return sessions;
}

/** The total of all warnings that this page keeps. */
export function warningCount(state: Pick<State, "warnings">): number {
  return [...state.warnings.values()].reduce((sum, { count }) => sum + count, 0);
}
