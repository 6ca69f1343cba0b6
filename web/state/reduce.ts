/**
 * The page's reducer: folds events of the node and actions of the page into its state. Pure.
 * @module
 */
import type {
  BanEvent,
  CommandId,
  NodeEvent,
  QuarantineEvent,
  Scheme,
  SessionEvent,
  SessionId,
  Warning,
} from "../../src/events.ts";
import { type PeerId, warnings as warningTable } from "../../src/failure.ts";
import type { Ban, GroupKey, PeerStatus, Proof, Quarantine, Readiness, Right } from "../node/node_port.ts";
import { announce } from "../text/log.ts";
import { keyId, withEpoch } from "../text/names.ts";
import { withBan, withoutBan } from "./forbidden_pairs.ts";
import { acceptsEvent, believe } from "./members.ts";
import { bounded, type KnownBan, type State, warningCount } from "./model.ts";
import { foldScenario, matchScenario, type Scenario, type ScenarioAction } from "./scenario.ts";
import {
  addToSession,
  newSession,
  type Outcome,
  type OwnRequest,
  type Session,
  type SessionKey,
  sessionKey,
} from "./sessions.ts";

/** An action of the page itself, or a reading of its node's state. */
export type PageAction =
  | ScenarioAction
  | { type: "self"; self: PeerId; rights: readonly Right[] }
  | { type: "peers"; peers: ReadonlyMap<PeerId, PeerStatus> }
  | { type: "keys"; keys: readonly GroupKey[] }
  | { type: "readiness"; key: SessionId; readiness: Readiness }
  | { type: "bans"; bans: readonly Ban[] }
  | { type: "quarantines"; quarantines: readonly Quarantine[] }
  | { type: "select"; key: SessionId }
  | {
    type: "requested";
    id: CommandId;
    kind: "sign" | "generate" | "reshare";
    wallet: string;
    scheme: Scheme;
    request: OwnRequest;
  }
  | { type: "result"; id: CommandId; outcome: Outcome }
  | { type: "rejected"; id: CommandId; code: string }
  | { type: "proof"; session: SessionKey; by: PeerId; proof: Proof | "looking" }
  | { type: "cheating-peers"; peers: readonly PeerId[] }
  | { type: "unfold"; session: SessionKey; open: boolean }
  | { type: "linked"; session: SessionKey | null }
  | { type: "online"; online: boolean }
  | { type: "ended" };

export type Action = NodeEvent | PageAction;

const linkFaultsKept = 20;
const warningsKept = 40;
const bootsKept = 8;

/** @param now ms on this page's clock. */
export function reduce(state: State, action: Action, now: number): State {
  const next = foldEvent(state, action, now);
  // A new request announces nothing: the person has just made it.
  if (next.sessions === state.sessions || action.type === "requested") return next;
  const changed = [...next.sessions.values()].filter((session) =>
    state.sessions.get(session.key) !== session
  );
  return changed.reduce(announce, next);
}

function foldEvent(state: State, action: Action, now: number): State {
  switch (action.type) {
    case "peer":
    case "carrier":
    case "reservation":
    case "certificate":
    case "roster":
    case "roster-file":
    case "roster-conflict":
    case "join":
    case "locked":
    case "contradiction":
    case "rollback":
      return state; // the page reads the peers' state from the node itself
    case "link": {
      const { state: link, inMs = null, peer, other } = action;
      return { ...state, links: nested(state.links, peer, other, { state: link, inMs }) };
    }
    case "key":
      if (!state.peers.has(action.peer) && action.peer !== state.self) return state;
      return { ...state, keyStates: nested(state.keyStates, action.session, action.peer, action) };
    case "ban":
      return { ...state, bans: pairsIn(action).reduce(withBan, state.bans) };
    case "quarantine":
      return {
        ...state,
        quarantines: action.state === "quarantined"
          ? pairsIn(action).reduce(withBan, state.quarantines)
          : pairsIn(action).reduce(withoutBan, state.quarantines),
      };
    case "lagged":
      return { ...state, dropped: state.dropped + action.dropped };
    case "warning":
      return withWarning(state, action);
    case "began":
    case "phase":
    case "proposed":
    case "asking":
    case "opened":
    case "round":
    case "heard":
    case "work":
    case "done":
    case "failed":
      return action.kind === "ecdh" ? withLinkFault(state, action) : withEvent(state, action, now);
    default:
      return foldPageAction(state, action);
  }
}

function foldPageAction(state: State, action: PageAction): State {
  switch (action.type) {
    case "self":
      return { ...state, self: action.self, rights: action.rights };
    case "peers":
      return { ...state, peers: action.peers };
    case "keys":
      return { ...state, keys: action.keys, selected: selectedAmong(action.keys, state) };
    case "readiness":
      return { ...state, readiness: new Map(state.readiness).set(action.key, action.readiness) };
    case "quarantines":
      return { ...state, quarantines: action.quarantines.reduce(withBan, []) };
    case "bans":
      return { ...state, bans: action.bans.reduce(withBan, state.bans) };
    case "select":
      return { ...state, selected: action.key };
    case "requested": {
      const key = ownSession(state, action.id);
      const session = state.sessions.get(key) ?? newSession({ ...action, initiator: state.self ?? "" });
      const sessions = new Map(state.sessions).set(key, { ...session, request: action.request });
      return { ...state, sessions: bounded(sessions, key) };
    }
    case "result":
      return withSession(state, ownSession(state, action.id), { outcome: action.outcome });
    case "rejected":
      return withSession(state, ownSession(state, action.id), {
        rejected: action.code,
        ...whileOffline(state),
      });
    case "proof": {
      const before = state.sessions.get(action.session)?.proofs;
      return withSession(state, action.session, { proofs: new Map(before).set(action.by, action.proof) });
    }
    case "cheating-peers":
      return { ...state, cheatingPeers: action.peers };
    case "unfold":
      return { ...state, unfolded: new Map(state.unfolded).set(action.session, action.open) };
    case "linked": {
      const { session } = action;
      const unfolded = session ? new Map(state.unfolded).set(session, true) : state.unfolded;
      return { ...state, linked: session, unfolded };
    }
    case "online":
      return { ...state, online: action.online };
    case "ended":
      return { ...state, ended: true };
    case "scenario-arming":
    case "scenario-armed":
    case "scenario-refused":
      return { ...state, scenarios: foldScenario(state.scenarios, action, warningCount(state)) };
    default:
      return action satisfies never;
  }
}

/** The mark of a session that ended while this browser was offline, and so perhaps for that reason. */
const whileOffline = ({ online }: Pick<State, "online">) => online ? {} : { offline: true };

/** The key of a session that this page has requested. */
const ownSession = ({ self }: State, id: CommandId) => sessionKey({ initiator: self ?? "", id });

function withSession(state: State, key: SessionKey, change: Partial<Session>): State {
  const session = state.sessions.get(key);
  if (!session) return state;
  return { ...state, sessions: new Map(state.sessions).set(key, { ...session, ...change }) };
}

/**
 * The key to work with: the selected one, also in its next epoch; else one that was just made, or the first that is active.
 * A new key of the same wallet does not replace the selected one, so that the form does not change under the person's hands.
 */
function selectedAmong(keys: readonly GroupKey[], { selected, keys: before }: State): SessionId | null {
  const made = before &&
    keys.find((key) => key.past.length === 0 && !before.some((old) => keyId(old) === keyId(key)));
  const stillSelected = selected === null ? undefined : withEpoch(keys, selected);
  if (made && made.state !== "frozen" && made.wallet !== stillSelected?.wallet) return keyId(made);
  const key = stillSelected ?? keys.find(({ state }) => state === "active") ?? keys[0];
  return key ? keyId(key) : null;
}

/** The bans in an event. A peer reports its own pairs only. */
function pairsIn(event: BanEvent | QuarantineEvent): KnownBan[] {
  const { peer, pair, wallet, scheme, at } = event;
  if (!pair.includes(peer)) return [];
  const about = event.type === "quarantine" ? event.keyId : null;
  return pair.filter((other) => other !== peer).map((other) => ({
    wallet,
    scheme,
    keyId: about,
    by: peer,
    other,
    at,
  }));
}

function nested<K, L, V>(
  map: ReadonlyMap<K, ReadonlyMap<L, V>>,
  outer: K,
  inner: L,
  value: V,
): ReadonlyMap<K, ReadonlyMap<L, V>> {
  return new Map(map).set(outer, new Map(map.get(outer)).set(inner, value));
}

function withBoot(state: State, { peer, boot }: SessionEvent): State {
  const known = state.boots.get(peer) ?? [];
  if (known.includes(boot)) return state;
  return { ...state, boots: new Map(state.boots).set(peer, [...known, boot].slice(-bootsKept)) };
}

function withEvent(old: State, event: Exclude<SessionEvent, Warning>, now: number): State {
  if (!acceptsEvent(event, old)) return old;
  const state = withBoot(old, event);
  const key = sessionKey(event);
  const before = state.sessions.get(key) ?? newSession(event);
  const added = addToSession(before, event, { boots: state.boots.get(event.peer)!, now });
  const failedHere = event.type === "failed" && event.peer === state.self;
  const session = failedHere ? { ...added, ...whileOffline(state) } : added;
  const sessions = bounded(new Map(state.sessions).set(key, session), key);
  const scenarios = event.type === "opened" ? matched(state, session, event.attempt) : state.scenarios;
  return { ...state, sessions, scenarios };
}

/** The scenarios after an attempt was opened, which may be the one that a scenario waits for. */
function matched(state: State, session: Session, attempt: string | null): readonly Scenario[] {
  const known = session.attempts.get(attempt ?? "");
  if (!known) return state.scenarios;
  const { opened, party } = believe(known, state);
  if (!opened) return state.scenarios;
  return matchScenario(state.scenarios, { key: session.key, kind: session.kind, party });
}

function withLinkFault(state: State, event: SessionEvent): State {
  if (event.type !== "failed" || !acceptsEvent(event, state)) return state;
  return { ...state, linkFaults: [...state.linkFaults, event].slice(-linkFaultsKept) };
}

function withWarning(state: State, warning: Warning): State {
  if (!Object.hasOwn(warningTable, warning.code)) return state;
  if (warning.peer !== state.self && !state.peers.has(warning.peer)) return state;
  const place = [warning.peer, warning.code, warning.via, warning.session].join(" ");
  const count = (state.warnings.get(place)?.count ?? 0) + Math.max(0, warning.count);
  const warnings = new Map(state.warnings);
  warnings.delete(place); // the newest last
  warnings.set(place, { warning, count });
  for (const oldest of warnings.keys()) {
    if (warnings.size <= warningsKept) break;
    warnings.delete(oldest);
  }
  return { ...state, warnings };
}
