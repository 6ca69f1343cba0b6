/**
 * The page's state: a pure fold over what the node tells and what the person at the page does.
 * @module
 */
import type {
  BanEvent,
  LinkEvent,
  NodeEvent,
  QuarantineEvent,
  SessionEvent,
  Warning,
} from "../../src/events.ts";
import { warnings as warningTable } from "../../src/failure.ts";
import { withBan, withoutBan } from "./forbidden_pairs.ts";
import { cutOff, foldLocal, type LocalAction } from "./local.ts";
import { speak } from "../text/log.ts";
import { believe, mayTell } from "./members.ts";
import { type BanView, bounded, type LinkView, type State } from "./model.ts";
import { keyId } from "../text/names.ts";
import { addToSession, newSession, type Session, sessionKey } from "./sessions.ts";
import { play, type Show } from "./scenario.ts";

export { initial, type State } from "./model.ts";

export type Action = NodeEvent | LocalAction;

const linkFaultsKept = 20;
const warningsKept = 40;
const bootsKept = 8;

/** `now`: ms on this page's clock. */
export function reduce(state: State, action: Action, now: number): State {
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
      return state; // who is here, and whether it is locked, is read from the node itself
    case "link":
      return { ...state, links: nested(state.links, action.peer, action.other, linkView(action)) };
    case "key":
      if (!state.peers.has(action.peer) && action.peer !== state.self) return state;
      return { ...state, keyStates: nested(state.keyStates, keyId(action), action.peer, action) };
    case "ban":
      return { ...state, bans: bansTold(action).reduce(withBan, state.bans) };
    case "quarantine": {
      const told = bansTold(action);
      return {
        ...state,
        quarantines: action.state === "quarantined"
          ? told.reduce(withBan, state.quarantines)
          : told.reduce(withoutBan, state.quarantines),
      };
    }
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
      return action.kind === "ecdh"
        ? withLinkFault(state, action)
        : speak(withSession(state, action, now), sessionKey(action));
    default:
      return foldLocal(state, action);
  }
}

/** A peer tells of its own pairs only. */
function bansTold({ peer, pair, wallet, curve, at }: BanEvent | QuarantineEvent): BanView[] {
  if (!pair.includes(peer)) return [];
  return pair.filter((other) => other !== peer).map((other) => ({ wallet, curve, by: peer, other, at }));
}

function linkView({ state, inMs }: LinkEvent): LinkView {
  return { state, inMs: inMs ?? null };
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

function withSession(old: State, event: Exclude<SessionEvent, Warning>, now: number): State {
  if (!mayTell(event, old)) return old;
  const state = withBoot(old, event);
  const key = sessionKey(event);
  const before = state.sessions.get(key) ?? newSession(event);
  const added = addToSession(before, event, { boots: state.boots.get(event.peer)!, now });
  const failedHere = event.type === "failed" && event.peer === state.self;
  const session = failedHere ? { ...added, ...cutOff(state) } : added;
  const sessions = new Map(state.sessions).set(key, session);
  const shows = event.type === "opened" ? playIn(state, session, event.attempt) : state.shows;
  return { ...state, sessions: bounded(sessions, key), shows };
}

function playIn(state: State, session: Session, attempt: string | null): readonly Show[] {
  const told = session.attempts.get(attempt ?? "");
  if (!told) return state.shows;
  const { opened, party } = believe(told, state);
  return opened ? play(state.shows, { key: session.key, kind: session.kind, party }) : state.shows;
}

function withLinkFault(state: State, event: SessionEvent): State {
  if (event.type !== "failed" || !mayTell(event, state)) return state;
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
