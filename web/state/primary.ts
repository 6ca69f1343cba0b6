/**
 * The one primary button of the page, decided by its state alone. Pure.
 * @module
 */
import type { Scheme, SessionId } from "../../src/events.ts";
import { failures } from "../../src/failure.ts";
import { advise } from "./advice.ts";
import { outlook, restraintOf } from "./forbidden_pairs.ts";
import { believe } from "./members.ts";
import type { State } from "./model.ts";
import { hasSameName, keyId, namer, withEpoch } from "../text/names.ts";
import type { GroupKey } from "../node/node_port.ts";
import { mayAsk } from "./rights.ts";
import type { Session } from "./sessions.ts";
import { pendingScenario } from "./scenario.ts";
import { summarize, type Summary } from "./summary.ts";

export type Primary = "none" | "create" | "sign" | "reshare" | "recover";

/** The key to work with, or null. */
export function selectedKey({ keys, selected }: State): GroupKey | null {
  return keys?.find((key) => keyId(key) === selected) ?? null;
}

/** The key with this id, perhaps in a later epoch by now, or with this name if no id is given. */
export function findKey(
  choice: { wallet: string | null; scheme: Scheme | null; keyId?: SessionId | undefined },
  { keys }: Pick<State, "keys">,
): GroupKey | null {
  if (choice.keyId) return withEpoch(keys ?? [], choice.keyId) ?? null;
  return keys?.find((key) => hasSameName(key, choice)) ?? null;
}

/** The key that a session is about, as far as the page knows it. */
export function keyOf(
  { wallet, scheme, request }: Pick<Session, "wallet" | "scheme" | "request">,
  state: Pick<State, "keys">,
): GroupKey | null {
  return findKey({ wallet, scheme, keyId: request?.keyId }, state);
}

/**
 * The active key that a session has made or reshared, even if its initiator received a failure; null if there is none
 * here. If the page never saw a key generation open, the key with its name.
 */
export function madeKey(
  session: Pick<Session, "kind" | "wallet" | "scheme">,
  { attempt, failure }: Pick<Summary, "attempt" | "failure">,
  { keys }: Pick<State, "keys">,
): GroupKey | null {
  const id = attempt?.session ?? null;
  if (session.kind === "reshare") {
    const key = id === null ? undefined : withEpoch(keys ?? [], id);
    return key && key.state !== "pending" ? key : null;
  }
  const refused = failure !== null && failures[failure.code].remedy === "fix"; // the request itself, perhaps because the name is taken
  if (session.kind !== "generate" || (id === null && refused)) return null;
  const made = (key: GroupKey) => id === null ? hasSameName(key, session) : key.session === id;
  return keys?.find((key) => made(key) && key.state !== "pending") ?? null;
}

/** The input of {@linkcode advise} for a session. */
export function adviceInputOf(session: Session, state: State) {
  const key = keyOf(session, state);
  return {
    key,
    restraint: restraintOf(key, state),
    peers: state.peers,
    rights: state.rights,
    nameOf: namer(state.peers),
  };
}

/** Whether enough holders may sign together. */
export function canSign(key: GroupKey, state: State): boolean {
  return outlook(key, state) === "now";
}

/** Newest first. */
export function newestFirst(state: State): readonly Session[] {
  return [...state.sessions.values()].reverse();
}

/** The act whose button is the primary one. Misbehaviour is never offered as the next act. */
export function primary(state: State): Primary {
  if (state.keys === null || state.ended) return "none";
  const armed = pendingScenario(state.scenarios);
  if (armed && mayAsk(state.rights, armed.expect.kind)) {
    return armed.expect.kind === "sign" && selectedKey(state) ? "sign" : "create";
  }
  const newest = newestFirst(state)[0];
  if (newest) {
    const summary = summarize(newest, state);
    if (summary.status === "failed" && advise(newest, summary, adviceInputOf(newest, state)).length > 0) {
      return "recover";
    }
  }
  const key = selectedKey(state);
  const [makes, signs] = [mayAsk(state.rights, "generate"), mayAsk(state.rights, "sign")];
  if (key?.state === "active" && !canSign(key, state)) {
    return mayAsk(state.rights, "reshare") ? "reshare" : "none";
  }
  if (key?.state !== "active") return makes ? "create" : "none";
  return signs ? "sign" : "none";
}

/** All holders, in the roster's order. */
export function holders({ peers }: State) {
  return [...peers].filter(([, { rights }]) => rights.includes("holder")).map(([peer]) => peer);
}

/** All holders of the session's key, in its party or not. */
export function holdersOf(session: Session, state: State) {
  if (session.kind === "sign") return keyOf(session, state)?.members ?? [];
  const latest = [...session.attempts.values()].at(-1);
  const asked = session.kind === "generate" ? session.request?.members : undefined;
  return asked ?? (latest ? believe(latest, state).party : []);
}
