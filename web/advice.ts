/**
 * What can be pressed after a failure. Advice of the table, made into commands; nothing retries by itself. Pure.
 * @module
 */
import { failures, type PeerId } from "../src/failure.ts";
import { list, type NameOf, rosterOrder, sameKey } from "./names.ts";
import type { GroupKey, PeerStatus } from "./node_port.ts";
import type { Session } from "./sessions.ts";
import type { Summary } from "./summary.ts";

/** A button: what it says, and what it does. */
export type Advice =
  | { do: "sign"; label: string; signers: readonly PeerId[] | null; without: readonly PeerId[] }
  | { do: "generate"; label: string }
  /** Opens the form: never one click, because it makes another wallet. */
  | { do: "form"; label: string; members: readonly PeerId[]; threshold: number };

interface Around {
  key: GroupKey | null;
  peers: ReadonlyMap<PeerId, Pick<PeerStatus, "rights">>;
  nameOf: NameOf;
}

/** In the order in which they stand; the first is the one to press. */
export function advise(session: Session, summary: Summary, around: Around): readonly Advice[] {
  const { failure } = summary;
  if (!failure || summary.status !== "failed" || !session.asked) return [];
  if (session.kind === "generate") return afterGenerate(session, summary, around);
  if (session.kind !== "sign" || !session.asked.message) return [];
  if (around.key && !sameKey(around.key, session)) return [];
  const again: Advice = {
    do: "sign",
    label: "Try again",
    signers: session.asked.signers ?? null,
    without: [],
  };
  if (summary.disputed) return [again];
  const { names, remedy } = failures[failure.code];
  const named = names === "claims"
    ? failure.claims.map(({ by }) => by)
    : names === "nobody"
    ? []
    : [...failure.culprits, ...failure.missing];
  const without = excluding(named, summary, around);
  switch (names) {
    case "culprits":
      return remedy === "ban" ? ban(failure, around) : summary.wordOnly ? [again] : [...without, again];
    case "missing":
      return failure.code === "wallet-pending"
        ? []
        : remedy === "exclude"
        ? [...without, tryWith()]
        : [again];
    case "claims":
      return [again, ...without];
    case "nobody":
      return remedy === "retry" ? [again] : [];
    default:
      return names satisfies never;
  }

  function tryWith(): Advice {
    return { ...again, label: `Try again with ${list(named.map(around.nameOf))}` };
  }
}

/** Signing without the named, if enough are left. */
function excluding(
  named: readonly PeerId[],
  { failure, party }: Summary,
  { key, nameOf, peers }: Around,
): readonly Advice[] {
  if (!key || named.length === 0) return [];
  const left = key.members.filter((peer) => !named.includes(peer));
  if (left.length < key.threshold) return [];
  // Whoever was in stays in: those who were not are asked for the places that became free.
  const stay = left.filter((peer) => party.includes(peer));
  const chosen = [...stay, ...left.filter((peer) => !stay.includes(peer))].slice(0, key.threshold);
  const signers = rosterOrder(chosen, peers);
  const label = failure && failures[failure.code].names === "missing"
    ? `Sign with ${list(signers.map(nameOf))}`
    : `Sign without ${list(named.map(nameOf))}`;
  return [{ do: "sign", label, signers, without: named }];
}

/** A pair that must not meet again: the next best party has at most one of the two. */
function ban(failure: NonNullable<Summary["failure"]>, { key, nameOf }: Around): readonly Advice[] {
  if (!key) return [];
  const left = key.members.filter((peer) => !failure.culprits.includes(peer));
  if (left.length < key.threshold) return [];
  const others = left.filter((peer) => peer !== failure.peer);
  const signers = [failure.peer, ...others].filter((peer) => left.includes(peer)).slice(0, key.threshold);
  return [{
    do: "sign",
    label: `Sign with ${list(signers.map(nameOf))}`,
    signers,
    without: failure.culprits,
  }];
}

function afterGenerate(session: Session, summary: Summary, { peers, nameOf }: Around): readonly Advice[] {
  const { code, culprits } = summary.failure!;
  const { remedy } = failures[code];
  if (code === "wallet-pending" || remedy === "stop") return [];
  const holders = [...peers].filter(([, { rights }]) => rights.includes("holder")).map(([peer]) => peer);
  const members = session.asked?.members ?? holders;
  const threshold = session.asked?.threshold ?? 2;
  if (remedy === "fix") {
    const fixable = code === "wallet-exists" || code === "declined";
    return fixable ? [{ do: "form", label: "Change and create…", members, threshold }] : [];
  }
  const again: Advice = { do: "generate", label: "Create again" };
  const left = members.filter((peer) => !culprits.includes(peer));
  if (summary.disputed || culprits.length === 0 || left.length < 2) return [again];
  const t = Math.min(threshold, left.length);
  const label = `Create a ${t}-of-${left.length} key without ${list(culprits.map(nameOf))}…`;
  return [again, { do: "form", label, members: left, threshold: t }];
}
