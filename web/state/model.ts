/**
 * What the page knows. `state.ts` is how it comes to know it.
 * @module
 */
import type { Failure, KeyEvent, LinkEvent, Warning } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Ban, GroupKey, PeerStatus, Readiness, Right } from "../node/node_port.ts";
import type { Session, SessionKey } from "./sessions.ts";
import type { Show } from "./scenario.ts";

export interface LinkView {
  state: LinkEvent["state"];
  inMs: number | null;
}

/** What `peer` counted of one oddity. */
export interface WarningLine {
  warning: Warning;
  count: number;
}

/** Who refuses whom, with which key. */
export type BanView = Pick<Ban, "wallet" | "curve" | "by" | "other" | "at">;

/** A sentence for those who listen. */
export interface Spoken {
  session: SessionKey;
  text: string;
}

export interface State {
  self: PeerId | null;
  /** What this tab may do. */
  rights: readonly Right[];
  peers: ReadonlyMap<PeerId, PeerStatus>;
  /** By viewer, then by the other end. */
  links: ReadonlyMap<PeerId, ReadonlyMap<PeerId, LinkView>>;
  /** Failed key exchanges, the newest last. The cluster tries again by itself. */
  linkFaults: readonly Failure[];
  keys: readonly GroupKey[] | null;
  /** Where each peer stands with a key: by key, then by peer. */
  keyStates: ReadonlyMap<string, ReadonlyMap<PeerId, KeyEvent>>;
  readiness: ReadonlyMap<string, Readiness>;
  bans: readonly BanView[];
  /** As bans, until an operator releases the pair. */
  quarantines: readonly BanView[];
  /** The key that is worked with. */
  selected: string | null;
  sessions: ReadonlyMap<SessionKey, Session>;
  /** Boots of each peer in the order in which they were first heard of. */
  boots: ReadonlyMap<PeerId, readonly string[]>;
  warnings: ReadonlyMap<string, WarningLine>;
  /** Items that came too fast for this page. */
  dropped: number;
  log: readonly Spoken[];
  shows: readonly Show[];
  /** Peers that cheat when told to; empty with real nodes. */
  speakers: readonly PeerId[];
  /** Sessions that the reader opened or closed by hand. */
  unfolded: ReadonlyMap<SessionKey, boolean>;
  /** The session that the address asks for. */
  linked: SessionKey | null;
  ended: boolean;
  /** Whether this browser has a network, as far as it knows. */
  online: boolean;
}

const sessionsKept = 60; // a page of history; each is a few kB

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
  shows: [],
  speakers: [],
  unfolded: new Map(),
  linked: null,
  ended: false,
  online: true,
};

/** The oldest go; those that this page asked for go last. */
export function bounded(sessions: Map<SessionKey, Session>, keep: SessionKey): Map<SessionKey, Session> {
  while (sessions.size > sessionsKept) {
    const others = [...sessions.values()].filter(({ key }) => key !== keep);
    const oldest = others.find(({ asked }) => !asked) ?? others[0]!;
    sessions.delete(oldest.key);
  }
  return sessions;
}

/** All that was dropped, as far as this page counts. */
export function warningCount(state: Pick<State, "warnings">): number {
  return [...state.warnings.values()].reduce((sum, { count }) => sum + count, 0);
}
