/**
 * The buttons of a failure card that are about a resharing: after one that failed, and where one is the way out. Pure.
 * @module
 */
import type { Failure } from "../../../src/events.ts";
import { failures, partsPair, type PeerId } from "../../../src/failure.ts";
import { list, type NameOf, namer } from "../../text/names.ts";
import type { GroupKey, Right } from "../../node/node_port.ts";
import { forbidsPair, type Restraint, restraintOf } from "../forbidden_pairs.ts";
import type { State } from "../model.ts";
import { mayAsk } from "../rights.ts";
import { type Known, problemIn, type ReshareChoice, sameHolders, withoutHolders } from "./choice.ts";
import type { Session } from "../sessions.ts";
import { isUnproven, type Summary } from "../summary.ts";

/** A button of a failure card that is about a resharing. */
export type ReshareAdvice =
  /** The same request again. */
  | { do: "reshare"; label: string }
  /** Opens the form. */
  | { do: "holders"; label: string; choice: ReshareChoice };

type ReshareKnown = Known & { nameOf: NameOf };

/** All that the advice depends on besides the session. */
interface AdviceInput extends ReshareKnown {
  key: GroupKey | null;
  restraint: Restraint;
  rights: readonly Right[];
}

/**
 * The form with holders left out: the first of these sets without which the key can be reshared; with the same holders
 * if it needs them all.
 */
function reshareWithout(
  key: GroupKey,
  sets: readonly (readonly PeerId[])[],
  known: ReshareKnown,
): ReshareAdvice & { do: "holders" } {
  for (const set of sets) {
    const without = set.filter((peer) => key.members.includes(peer));
    const choice = withoutHolders(key, without, known);
    if (without.length > 0 && problemIn(choice) === null) {
      return { do: "holders", label: `Reshare without ${list(without.map(known.nameOf))}…`, choice };
    }
  }
  return { do: "holders", label: "Reshare the key…", choice: sameHolders(key, known) };
}

/** The peers whose messages failed a check by another, as far as bans and quarantines name them; the most often named first. */
function suspects({ forbidden }: Restraint): readonly PeerId[] {
  const times = Map.groupBy(forbidden, ([, other]) => other);
  return [...times].toSorted(([, a], [, b]) => b.length - a.length).map(([other]) => other);
}

/** The resharing that ends what keeps a key from signing. */
export function wayOut(key: GroupKey, state: State): ReshareAdvice & { do: "holders" } {
  const named = suspects(restraintOf(key, state));
  const known = { peers: state.peers, nameOf: namer(state.peers) };
  return reshareWithout(key, [named, ...named.map((one) => [one])], known);
}

/** The resharing that ends a ban or a freeze, if this failure is about one. */
export function resharingAfter(failure: Failure, input: AdviceInput): readonly ReshareAdvice[] {
  const { key, rights, restraint } = input;
  if (key === null || key.state === "pending" || !mayAsk(rights, "reshare")) return [];
  const isAbout = (code: Failure["code"]) => code === "key-frozen" || forbidsPair({ code });
  const isBan = failures[failure.code].remedy === "ban";
  if (!isBan && !isAbout(failure.code) && !failure.claims.some(({ code }) => isAbout(code))) return [];
  const claimed = failure.claims.filter(partsPair).flatMap(({ peers }) => peers);
  const named = isBan ? failure.culprits : claimed;
  return [reshareWithout(key, [[...new Set([...named, ...suspects(restraint)])], named], input)];
}

/** After a resharing that failed: the same again, and the form without whoever was caught or silent. */
export function afterReshare(
  { request }: Session,
  summary: Summary,
  input: AdviceInput,
): readonly ReshareAdvice[] {
  const { key } = input;
  const { code, culprits, missing } = summary.failure!;
  const { remedy, names } = failures[code];
  if (key === null || code === "wallet-pending" || remedy === "stop") return [];
  const choice = asRequested(key, request, input);
  const retry: ReshareAdvice = { do: "reshare", label: "Reshare again" };
  const change: ReshareAdvice = { do: "holders", label: "Change and reshare…", choice };
  if (remedy === "fix") return code === "declined" ? [change] : [];
  const named = isUnproven(summary) ? [] : [...culprits, ...missing];
  if (named.length === 0) return [retry, change];
  const without = withoutNamed(choice, named, input.nameOf);
  return names === "culprits" ? [without, retry] : [retry, without];
}

/** The form as it was asked for. */
function asRequested(key: GroupKey, request: Session["request"], known: Known): ReshareChoice {
  const same = sameHolders(key, known);
  const { members = same.members, threshold = same.threshold, gone = same.gone } = request ?? {};
  return { key, members, threshold, gone };
}

/** The same choice without some peers. */
function withoutNamed(choice: ReshareChoice, named: readonly PeerId[], nameOf: NameOf): ReshareAdvice {
  const members = choice.members.filter((peer) => !named.includes(peer));
  const gone = [...new Set([...choice.gone, ...named.filter((peer) => choice.key.members.includes(peer))])];
  const threshold = Math.max(2, Math.min(choice.threshold, members.length));
  const label = `Reshare without ${list(named.map(nameOf))}…`;
  return { do: "holders", label, choice: { ...choice, members, threshold, gone } };
}
