/**
 * What happens at the page itself, folded into its state. Pure.
 * @module
 */
import type { CommandId, Curve } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { withBan } from "./forbidden_pairs.ts";
import { speak } from "../text/log.ts";
import { bounded, type State, warningCount } from "./model.ts";
import { keyId } from "../text/names.ts";
import type { Ban, GroupKey, PeerStatus, Proof, Quarantine, Readiness, Right } from "../node/node_port.ts";
import {
  type Asked,
  newSession,
  type Outcome,
  type Session,
  type SessionKey,
  sessionKey,
} from "./sessions.ts";
import { foldShow, type ShowAction } from "./scenario.ts";

export type LocalAction =
  | ShowAction
  | { type: "here"; self: PeerId; rights: readonly Right[] }
  | { type: "peers"; peers: ReadonlyMap<PeerId, PeerStatus> }
  | { type: "keys"; keys: readonly GroupKey[] }
  | { type: "readiness"; key: string; readiness: Readiness }
  | { type: "bans"; bans: readonly Ban[] }
  | { type: "quarantines"; quarantines: readonly Quarantine[] }
  | { type: "select"; key: string }
  | {
    type: "asked";
    id: CommandId;
    kind: "sign" | "generate";
    wallet: string;
    curve: Curve;
    asked: Asked;
  }
  | { type: "came"; id: CommandId; outcome: Outcome }
  | { type: "rejected"; id: CommandId; code: string }
  | { type: "proof"; session: SessionKey; by: PeerId; proof: Proof | "looking" }
  | { type: "speakers"; peers: readonly PeerId[] }
  | { type: "unfold"; session: SessionKey; open: boolean }
  | { type: "linked"; session: SessionKey | null }
  | { type: "online"; online: boolean }
  | { type: "ended" };

export function foldLocal(state: State, action: LocalAction): State {
  switch (action.type) {
    case "here":
      return { ...state, self: action.self, rights: action.rights };
    case "peers":
      return { ...state, peers: action.peers };
    case "keys":
      return { ...state, keys: action.keys, selected: choose(state, action.keys) };
    case "readiness":
      return { ...state, readiness: new Map(state.readiness).set(action.key, action.readiness) };
    case "quarantines":
      return { ...state, quarantines: action.quarantines.reduce(withBan, []) };
    case "bans":
      return { ...state, bans: action.bans.reduce(withBan, state.bans) };
    case "select":
      return { ...state, selected: action.key };
    case "asked": {
      const { asked } = action;
      const key = own(state, action.id);
      const session = state.sessions.get(key) ?? newSession({ ...action, initiator: state.self ?? "" });
      return { ...state, sessions: bounded(new Map(state.sessions).set(key, { ...session, asked }), key) };
    }
    case "came":
      return withSession(state, own(state, action.id), { outcome: action.outcome });
    case "rejected":
      return withSession(state, own(state, action.id), { rejected: action.code, ...cutOff(state) });
    case "proof": {
      const before = state.sessions.get(action.session)?.proofs;
      const proofs = new Map(before).set(action.by, action.proof);
      return withSession(state, action.session, { proofs });
    }
    case "speakers":
      return { ...state, speakers: action.peers };
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
    case "show-arming":
    case "show-armed":
    case "show-refused":
      return { ...state, shows: foldShow(state.shows, action, warningCount(state)) };
    default:
      return action satisfies never;
  }
}

/** What failed while this browser had no network, failed for that. */
export const cutOff = ({ online }: Pick<State, "online">) => online ? {} : { offline: true };

/** The key of a session that this page has asked for. */
const own = ({ self }: State, id: CommandId) => sessionKey({ initiator: self ?? "", id });

function withSession(state: State, key: SessionKey, change: Partial<Session>): State {
  const session = state.sessions.get(key);
  if (!session) return state;
  return speak({ ...state, sessions: new Map(state.sessions).set(key, { ...session, ...change }) }, key);
}

/**
 * Stays with the key at hand, and with its wallet; else the one that was just made, or the first that can be used. Of
 * two keys that are made for one wallet, the second does not take the place of the first under somebody's hands.
 */
function choose({ selected, keys: before }: State, keys: readonly GroupKey[]): string | null {
  const ids = keys.map(keyId);
  const fresh = before && keys.find((key) => !before.some((old) => keyId(old) === keyId(key)));
  const here = keys.find((key) => keyId(key) === selected);
  if (fresh && fresh.state !== "frozen" && fresh.wallet !== here?.wallet) return keyId(fresh);
  if (here) return keyId(here);
  return ids[keys.findIndex(({ state }) => state === "active")] ?? ids[0] ?? null;
}
