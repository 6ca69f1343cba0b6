/**
 * What can be pressed after a failure. Advice of the table, made into commands; nothing retries by itself. Pure.
 * @module
 */
import { firstHand } from "../../src/explain.ts";
import { type Claim, type FailureCode, failures, partsPair, type PeerId } from "../../src/failure.ts";
import { findParty } from "../../src/cluster/records/party_search.ts";
import { freeParty, mayMeet, type Restraint } from "./forbidden_pairs.ts";
import { isCutOff } from "../text/card.ts";
import { list, type NameOf, rosterOrder, sameKey } from "../text/names.ts";
import type { GroupKey, PeerStatus, Right } from "../node/node_port.ts";
import { mayAsk } from "./rights.ts";
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
  /** Who must not meet over this key: no button brings them together. */
  restraint: Restraint;
  peers: ReadonlyMap<PeerId, Pick<PeerStatus, "rights">>;
  nameOf: NameOf;
  /** What this tab may do: no button asks for what it may not. */
  rights: readonly Right[];
}

/** In the order in which they stand; the first is the one to press. */
export function advise(session: Session, summary: Summary, around: Around): readonly Advice[] {
  const { failure } = summary;
  if (!failure || summary.status !== "failed" || !session.asked) return [];
  if (session.kind === "ecdh" || !mayAsk(around.rights, session.kind)) return [];
  if (session.kind === "generate") return afterGenerate(session, summary, around);
  if (!session.asked.input) return [];
  if (around.key && !sameKey(around.key, session)) return [];
  const again = repeating(session.asked.signers ?? null, around);
  if (summary.disputed || (session.offline && isCutOff(failure))) return again;
  const { names, remedy } = failures[failure.code];
  const named = failure.code === "key-frozen"
    ? [failure.peer]
    : names === "claims"
    ? sayingOfThemselves(failure.claims)
    : names === "nobody"
    ? []
    : [...failure.culprits, ...failure.missing];
  const without = excluding(named, summary, around);
  switch (names) {
    case "culprits":
      return remedy === "ban" ? apart(failure, around) : isOneWord(summary) ? again : [...without, ...again];
    case "missing":
      return failure.code === "wallet-pending"
        ? []
        : remedy === "exclude"
        ? [...without, ...tryWith()]
        : [...again, ...without];
    case "claims": {
      const others = failure.claims.some(partsPair) ? apart(failure, around) : [];
      // A link comes back, and a store goes on, without the reader.
      if (others.length > 0 || failure.claims.some(barsPair)) return others;
      return failure.claims.some(({ code }) => code === "key-frozen" || code === "declined")
        ? [...without, ...again]
        : [...again, ...without];
    }
    case "nobody":
      if (barsPair(failure)) return apart(failure, around);
      if (failure.code === "key-frozen") return without;
      return remedy === "retry" ? again : [];
    default:
      return names satisfies never;
  }

  function tryWith(): readonly Advice[] {
    return again.map((one) => ({ ...one, label: `Try again with ${list(named.map(around.nameOf))}` }));
  }
}

/** Whether nothing but somebody's word stands against whoever is accused. */
const isOneWord = ({ disputed, wordOnly, unchecked }: Summary) => disputed || wordOnly || unchecked;

/**
 * Whose claims are a reason to do without them: what a peer says of itself. Whom a bare word accuses may be the victim of
 * it, and so may whoever is said to have said it.
 */
function sayingOfThemselves(claims: readonly Claim[]): readonly PeerId[] {
  return [...new Set(firstHand(claims).filter(({ peers }) => peers.length === 0).map(({ by }) => by))];
}

/** The same once more, unless some of them must not meet; where nobody was chosen, a party that may. */
function repeating(signers: readonly PeerId[] | null, { key, restraint }: Around): readonly Advice[] {
  const same = { do: "sign", label: "Try again", without: [] } as const;
  if (signers) return mayMeet(signers, restraint) ? [{ ...same, signers }] : [];
  const free = key ? freeParty(key, restraint) : "any";
  return free === null ? [] : [{ ...same, signers: free === "any" ? null : free }];
}

/** Signing without the named, if enough are left. */
function excluding(
  named: readonly PeerId[],
  { failure, party }: Summary,
  { key, nameOf, peers, restraint }: Around,
): readonly Advice[] {
  if (!key || named.length === 0) return [];
  const left = key.members.filter((peer) => !named.includes(peer) && !restraint.frozen.includes(peer));
  // Whoever was in stays in: those who were not are asked for the places that became free.
  const stay = left.filter((peer) => party.includes(peer));
  const order = [...stay, ...left.filter((peer) => !stay.includes(peer))];
  const chosen = findParty(order, key.threshold, restraint.apart);
  if (!chosen) return [];
  const signers = rosterOrder(chosen, peers);
  const label = failure && failures[failure.code].names === "missing"
    ? `Sign with ${list(signers.map(nameOf))}`
    : `Sign without ${list(named.map(nameOf))}`;
  return [{ do: "sign", label, signers, without: named }];
}

/** Whether it is said of two that must not, or do not for now, use the key together. */
export const barsPair = ({ code }: { code: FailureCode }) =>
  code === "peer-banned" || code === "pair-quarantined";

/** After a pair was parted: a party in which no two must stay apart, with whoever found it if that is possible. */
function apart(
  failure: NonNullable<Summary["failure"]>,
  { key, nameOf, peers, restraint }: Around,
): readonly Advice[] {
  if (!key) return [];
  // The finding parts them, whether or not word of the ban has come.
  const fresh = [
    ...failure.culprits.map((culprit) => [failure.peer, culprit] as const),
    ...failure.claims.filter(partsPair).flatMap(({ by, peers }) =>
      peers.map((other) => [by, other] as const)
    ),
  ];
  const pairs = [...restraint.apart, ...fresh];
  const may = key.members.filter((peer) => !restraint.frozen.includes(peer));
  const rank = (peer: PeerId) => peer === failure.peer ? 0 : failure.culprits.includes(peer) ? 2 : 1;
  const party = findParty(may.toSorted((a, b) => rank(a) - rank(b)), key.threshold, pairs);
  if (!party) return [];
  const signers = rosterOrder(party, peers);
  const without = failure.culprits.filter((peer) => !party.includes(peer));
  return [{ do: "sign", label: `Sign with ${list(signers.map(nameOf))}`, signers, without }];
}

function afterGenerate(
  session: Session,
  summary: Summary,
  { key, peers, nameOf }: Around,
): readonly Advice[] {
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
  if (key !== null && sameKey(key, session)) return []; // a second one of that name would be refused
  const again: Advice = { do: "generate", label: "Create again" };
  const left = members.filter((peer) => !culprits.includes(peer));
  if (isOneWord(summary) || culprits.length === 0 || left.length < 2) return [again];
  const t = Math.min(threshold, left.length);
  const label = `Create a ${t}-of-${left.length} key without ${list(culprits.map(nameOf))}…`;
  return [again, { do: "form", label, members: left, threshold: t }];
}
