/**
 * The buttons of a failure card: the table's advice, made into commands. Nothing retries by itself. Pure.
 * @module
 */
import { firstHand } from "../../src/explain.ts";
import { type Claim, failures, partsPair, type PeerId } from "../../src/failure.ts";
import { findParty } from "../../src/cluster/commands/party_search.ts";
import { forbidsPair, freeParty, mayMeet, type Restraint } from "./forbidden_pairs.ts";
import { isCutOff } from "../text/card.ts";
import { hasSameName, list, type NameOf, rosterOrder } from "../text/names.ts";
import type { GroupKey, PeerStatus, Right } from "../node/node_port.ts";
import { afterReshare, type ReshareAdvice, resharingAfter } from "./resharing/advice.ts";
import { mayAsk } from "./rights.ts";
import type { Session } from "./sessions.ts";
import { isUnproven, type Summary } from "./summary.ts";

/** A button: its label and its action. */
export type Advice =
  | { do: "sign"; label: string; signers: readonly PeerId[] | null; without: readonly PeerId[] }
  | { do: "generate"; label: string }
  /** Opens the form instead of acting at once, because it makes another wallet. */
  | { do: "form"; label: string; members: readonly PeerId[]; threshold: number }
  | ReshareAdvice;

/** Advice that opens a form. */
export type FormAdvice = Advice & { do: "form" | "holders" };

/** All that advice depends on besides the session. */
interface AdviceInput {
  key: GroupKey | null;
  /** The limits on the key's parties: no button offers a forbidden one. */
  restraint: Restraint;
  peers: ReadonlyMap<PeerId, Pick<PeerStatus, "rights">>;
  nameOf: NameOf;
  /** This tab's rights: no button requests what they do not allow. */
  rights: readonly Right[];
}

/** The buttons in their order; the first is the primary one. */
export function advise(session: Session, summary: Summary, input: AdviceInput): readonly Advice[] {
  const { failure } = summary;
  const ways = adviseRetrying(session, summary, input);
  if (!failure || summary.status !== "failed" || session.kind !== "sign" || !session.request) return ways;
  return [...ways, ...resharingAfter(failure, input)];
}

function adviseRetrying(session: Session, summary: Summary, input: AdviceInput): readonly Advice[] {
  const { failure } = summary;
  if (!failure || summary.status !== "failed" || !session.request) return [];
  if (session.kind === "ecdh" || !mayAsk(input.rights, session.kind)) return [];
  if (session.kind === "generate") return afterGenerate(session, summary, input);
  if (session.kind === "reshare") return afterReshare(session, summary, input);
  if (!session.request.items) return [];
  if (input.key && !hasSameName(input.key, session)) return [];
  const retry = retrying(session.request.signers ?? null, input);
  if (summary.disputed || (session.offline && isCutOff(failure))) return retry;
  const { names, remedy } = failures[failure.code];
  const named = failure.code === "key-frozen"
    ? [failure.peer]
    : names === "claims"
    ? reportingThemselves(failure.claims)
    : names === "nobody"
    ? []
    : [...failure.culprits, ...failure.missing];
  const without = excluding(named, summary, input);
  switch (names) {
    case "culprits":
      return remedy === "ban"
        ? avoiding(failure, input)
        : isUnproven(summary)
        ? retry
        : [...without, ...retry];
    case "missing":
      return failure.code === "wallet-pending"
        ? []
        : remedy === "exclude"
        ? [...without, ...tryWith()]
        : [...retry, ...without];
    case "claims": {
      const others = failure.claims.some(partsPair) ? avoiding(failure, input) : [];
      // Only bans and quarantines last: a link comes back and a store catches up by itself.
      if (others.length > 0 || failure.claims.some(forbidsPair)) return others;
      return failure.claims.some(({ code }) => code === "key-frozen" || code === "declined")
        ? [...without, ...retry]
        : [...retry, ...without];
    }
    case "nobody":
      if (forbidsPair(failure)) return avoiding(failure, input);
      if (failure.code === "key-frozen") return without;
      return remedy === "retry" ? retry : [];
    default:
      return names satisfies never;
  }

  function tryWith(): readonly Advice[] {
    return retry.map((one) => ({ ...one, label: `Try again with ${list(named.map(input.nameOf))}` }));
  }
}

/**
 * The peers whose own claims are a reason to sign without them, such as a locked store. An accusation without proof is no
 * such reason: the accused may be its victim, and so may the peer that is said to have made it.
 */
function reportingThemselves(claims: readonly Claim[]): readonly PeerId[] {
  return [...new Set(firstHand(claims).filter(({ peers }) => peers.length === 0).map(({ by }) => by))];
}

/** The same request again, unless its signers must not sign together; without chosen signers, a party that may sign. */
function retrying(signers: readonly PeerId[] | null, { key, restraint }: AdviceInput): readonly Advice[] {
  const same = { do: "sign", label: "Try again", without: [] } as const;
  if (signers) return mayMeet(signers, restraint) ? [{ ...same, signers }] : [];
  const free = key ? freeParty(key, restraint) : "any";
  return free === null ? [] : [{ ...same, signers: free === "any" ? null : free }];
}

/** A signature without the named peers, if enough others are left. */
function excluding(
  named: readonly PeerId[],
  { failure, party }: Summary,
  { key, nameOf, peers, restraint }: AdviceInput,
): readonly Advice[] {
  if (!key || named.length === 0) return [];
  const left = key.members.filter((peer) => !named.includes(peer) && !restraint.frozen.includes(peer));
  // The other members of the party stay; holders outside it fill the free places.
  const stay = left.filter((peer) => party.includes(peer));
  const order = [...stay, ...left.filter((peer) => !stay.includes(peer))];
  const chosen = findParty(order, key.threshold, restraint.forbidden);
  if (!chosen) return [];
  const signers = rosterOrder(chosen, peers);
  const label = failure && failures[failure.code].names === "missing"
    ? `Sign with ${list(signers.map(nameOf))}`
    : `Sign without ${list(named.map(nameOf))}`;
  return [{ do: "sign", label, signers, without: named }];
}

/** After a finding about a pair: a party without any forbidden pair, with the author of the finding if possible. */
function avoiding(
  failure: NonNullable<Summary["failure"]>,
  { key, nameOf, peers, restraint }: AdviceInput,
): readonly Advice[] {
  if (!key) return [];
  // The pair is forbidden from now on, whether or not the event of the ban has arrived.
  const found = [
    ...failure.culprits.map((culprit) => [failure.peer, culprit] as const),
    ...failure.claims.filter(partsPair).flatMap(({ by, peers }) =>
      peers.map((other) => [by, other] as const)
    ),
  ];
  const pairs = [...restraint.forbidden, ...found];
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
  { key, peers, nameOf }: AdviceInput,
): readonly Advice[] {
  const { code, culprits } = summary.failure!;
  const { remedy } = failures[code];
  if (code === "wallet-pending" || remedy === "stop") return [];
  const holders = [...peers].filter(([, { rights }]) => rights.includes("holder")).map(([peer]) => peer);
  const members = session.request?.members ?? holders;
  const threshold = session.request?.threshold ?? 2;
  if (remedy === "fix") {
    const fixable = code === "wallet-exists" || code === "declined";
    return fixable ? [{ do: "form", label: "Change and create…", members, threshold }] : [];
  }
  if (key !== null && hasSameName(key, session)) return []; // the nodes refuse a second key of that name
  const retry: Advice = { do: "generate", label: "Create again" };
  const left = members.filter((peer) => !culprits.includes(peer));
  if (isUnproven(summary) || culprits.length === 0 || left.length < 2) return [retry];
  const t = Math.min(threshold, left.length);
  const label = `Create a ${t}-of-${left.length} key without ${list(culprits.map(nameOf))}…`;
  return [retry, { do: "form", label, members: left, threshold: t }];
}
