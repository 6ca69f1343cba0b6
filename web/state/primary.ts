/**
 * The one thing to press next. State decides. Pure.
 * @module
 */
import { failures } from "../../src/failure.ts";
import { advise } from "./advice.ts";
import { outlook, restraintOf } from "./forbidden_pairs.ts";
import { believe } from "./members.ts";
import type { State } from "./model.ts";
import { keyId, namer, sameKey } from "../text/names.ts";
import type { GroupKey } from "../node/node_port.ts";
import { mayAsk } from "./rights.ts";
import type { Session } from "./sessions.ts";
import { waiting } from "./scenario.ts";
import { summarize, type Summary } from "./summary.ts";

export type Primary = "none" | "create" | "sign" | "recover" | "break";

/** The key that is worked with, if there is one. */
export function selectedKey({ keys, selected }: State): GroupKey | null {
  return keys?.find((key) => keyId(key) === selected) ?? null;
}

export function keyOf(session: Pick<Session, "wallet" | "curve">, { keys }: State): GroupKey | null {
  return keys?.find((key) => sameKey(key, session)) ?? null;
}

/**
 * The active key that a session has made, whatever whoever asked for it was told; null if there is none here. Of a
 * session that was never seen to open, whoever made the key of its name.
 */
export function madeKey(
  session: Pick<Session, "kind" | "wallet" | "curve">,
  { attempt, failure }: Pick<Summary, "attempt" | "failure">,
  { keys }: Pick<State, "keys">,
): GroupKey | null {
  const id = attempt?.session ?? null;
  const refused = failure !== null && failures[failure.code].remedy === "fix"; // for what was asked, its name perhaps
  if (session.kind !== "generate" || (id === null && refused)) return null;
  const made = (key: GroupKey) => id === null ? sameKey(key, session) : key.session === id;
  return keys?.find((key) => made(key) && key.state !== "pending") ?? null;
}

/** What it takes to say what can be done after a session. */
export function aroundOf(session: Session, state: State) {
  const key = keyOf(session, state);
  return {
    key,
    restraint: restraintOf(key, state),
    peers: state.peers,
    rights: state.rights,
    nameOf: namer(state.peers),
  };
}

/** Whether there are enough holders that may sign together. */
export function canSign(key: GroupKey, state: State): boolean {
  return outlook(key, state) === "now";
}

/** Newest first. */
export function newestFirst(state: State): readonly Session[] {
  return [...state.sessions.values()].reverse();
}

/** `breakable`: this page has peers that misbehave when told to. */
export function primary(state: State, breakable: boolean): Primary {
  if (state.keys === null || state.ended) return "none";
  const armed = waiting(state.shows);
  if (armed && mayAsk(state.rights, armed.expect.kind)) {
    return armed.expect.kind === "sign" && selectedKey(state) ? "sign" : "create";
  }
  const newest = newestFirst(state)[0];
  if (newest) {
    const summary = summarize(newest, state);
    if (summary.status === "failed" && advise(newest, summary, aroundOf(newest, state)).length > 0) {
      return "recover";
    }
  }
  const key = selectedKey(state);
  const [makes, signs] = [mayAsk(state.rights, "generate"), mayAsk(state.rights, "sign")];
  if (key?.state !== "active" || !canSign(key, state)) return makes ? "create" : "none";
  const signed = [...state.sessions.values()].some((one) => one.kind === "sign" && one.outcome !== null);
  if (!signs) return "none";
  return signed && breakable ? "break" : "sign";
}

/** Holders, in the roster's order. */
export function holders({ peers }: State) {
  return [...peers].filter(([, { rights }]) => rights.includes("holder")).map(([peer]) => peer);
}

/** Everybody that has a part in this session's key, whether chosen or not. */
export function holdersOf(session: Session, state: State) {
  if (session.kind === "sign") return keyOf(session, state)?.members ?? [];
  const latest = [...session.attempts.values()].at(-1);
  return session.asked?.members ?? (latest ? believe(latest, state).party : []);
}
