/**
 * The text of a failure card: the sentences of `explain()`, and sentences about whose word it is. Pure.
 * @module
 */
import type { Done, Failure } from "../../src/events.ts";
import { accuses, explain, type Explanation, firstHand } from "../../src/explain.ts";
import { type Claim, failures, type KeySafety, type PeerId } from "../../src/failure.ts";
import { clean } from "./clean.ts";
import { list, type NameOf } from "./names.ts";
import type { Proof } from "../node/node_port.ts";
import { forbidsPair } from "../state/forbidden_pairs.ts";
import type { Summary } from "../state/summary.ts";

export interface CardText {
  what: string;
  /** First the culprits, then the peers that report it. */
  who: readonly string[];
  /** Each peer's report, if reports differ; else empty. */
  differ: readonly string[];
  key: string;
  next: string;
}

/** From the most serious to the least. */
const gravest: readonly KeySafety[] = ["safe-if-banned", "pending", "safe", "no-key"];

/** The reader of a card. */
export interface CardReader {
  /** Its own peer id: the sentences address it as “you”. */
  self?: PeerId | null;
  /** Whether the page knows the key that the session was to make, and it is active. */
  made?: boolean;
  /** Whether this browser was offline when the session ended. */
  offline?: boolean;
}

/** A summary with a failure to show. */
type Failed = Summary & { failure: Failure };

export function cardText(
  summary: Failed,
  nameOf: NameOf,
  { self = null, made = false, offline = false }: CardReader = {},
): CardText {
  const { failure, differing } = summary;
  const explained = explain(presentable(failure), nameOf, self);
  if (offline && isCutOff(failure)) {
    return {
      what: "This browser was offline.",
      who: ["Nobody is blamed."],
      differ: [],
      key: explained.key,
      next: "Try again when it is online.",
    };
  }
  const names = (peers: readonly PeerId[]) => list(peers.map(nameOf));
  return {
    what: whatText(summary, names) ?? explained.what,
    who: whoLines(summary, nameOf, explained),
    differ: differing.length === 0 ? [] : [failure, ...differing].map((end) => statement(end, nameOf)),
    key: made
      ? "A key of this name was made, and all its members have confirmed it."
      : keyText(summary, nameOf),
    next: nextText(summary, names, made) ?? explained.next,
  };
}

type Names = (peers: readonly PeerId[]) => string;

/** Whether the failure is an accusation of peers that took no part in the session. */
const namesNobody = ({ code, culprits }: Failure) =>
  failures[code].names === "culprits" && culprits.length === 0;

/** The headline of an accusation that is not proven; null if the failure's own headline stands. */
function whatText({ failure, disputed, wordOnly, unchecked }: Failed, names: Names): string | null {
  const by = names([failure.peer]);
  if (disputed) return "The peers name different culprits.";
  if (namesNobody(failure)) return `${by} ended the session.`;
  if (wordOnly) return `${by} accuses ${names(failure.culprits)} and shows no evidence.`;
  return unchecked ? `${by} accuses ${names(failure.culprits)}.` : null;
}

/** The lines about the authors of the report and the peers that agree. */
function whoLines(summary: Failed, nameOf: NameOf, explained: Explanation): readonly string[] {
  const { failure, relayed, silent, disputed, wordOnly, unchecked } = summary;
  const names: Names = (peers) => list(peers.map(nameOf));
  const by = nameOf(failure.peer);
  const lines = disputed
    ? ["This page cannot tell who is right; it takes no vote."]
    : namesNobody(failure)
    ? ["Nobody is blamed."]
    : wordOnly
    ? [`${by} names ${names(failure.culprits)}. No signed message came with it, so nobody is blamed.`]
    : unchecked
    ? [`${by} says: ${explained.what}`, "Nobody is blamed until this page has checked it."]
    : findingLines(summary, nameOf, explained);
  // A culprit is no witness.
  const witnesses = relayed.filter(({ peer }) => !failure.culprits.includes(peer));
  // A missing peer cannot report, and the author of a claim has reported.
  const excused = [...failure.missing, ...failure.claims.map(({ by }) => by)];
  const quiet = silent.filter((peer) => !excused.includes(peer));
  return [
    ...lines,
    ...witnesses.map(({ peer, from }) => `${nameOf(peer)} was told so by ${names(from)}.`),
    ...(quiet.length > 0 ? [`No report yet from ${names(quiet)}.`] : []),
  ];
}

/** The lines about a finding that stands. */
function findingLines(
  { failure, agree, inconsistent }: Failed,
  nameOf: NameOf,
  explained: Explanation,
): readonly string[] {
  const together = list(agree.map(nameOf));
  const agreement = {
    culprits: `${together} found it independently.`,
    claims: `${together} were told the same.`,
    missing: `${together} report it independently.`,
    nobody: `${together} report it independently.`,
  }[failures[failure.code].names];
  const accusers = new Set(firstHand(failure.claims).filter(accuses).map(({ by }) => by));
  return [
    explained.who,
    ...(agree.length > 1 ? [agreement] : []),
    ...failure.claims.filter(forbidsPair).map((claim) => forbiddenPairText(claim, nameOf)),
    ...[...accusers].filter((peer) => inconsistent.includes(peer)).map((peer) =>
      `But ${nameOf(peer)}'s own report of this session does not contain that accusation.`
    ),
  ];
}

const failuresIn = ({ failure, differing }: Failed) => [
  failure,
  ...differing.filter((end): end is Failure => end.type === "failed"),
];

/** The meaning of the gravest reported failure for the key. */
function keyText(summary: Failed, nameOf: NameOf): string {
  const { failure } = summary;
  const key = gravest.find((one) => failuresIn(summary).some((other) => other.key === one)) ?? failure.key;
  return explain({ ...presentable(failure), key }, nameOf).key;
}

/** The advice if the session succeeded all the same or the accusation is not proven; null for the failure's own advice. */
function nextText(summary: Failed, names: Names, made: boolean): string | null {
  const { failure, status, disputed, wordOnly, unchecked } = summary;
  const named = [...new Set(failuresIn(summary).flatMap(({ culprits }) => culprits))];
  const nodesOf = `the ${named.length === 1 ? "node" : "nodes"} of ${names(named)}`;
  if (made) {
    return failure.culprits.length > 0
      ? `Look at the node of ${names(failure.culprits)} before you use it.`
      : "Nothing to do: use it.";
  }
  if (status === "done") {
    return failure.kind === "sign"
      ? `The signature was made all the same. Look at ${nodesOf} before they sign again.`
      : `It was done all the same. Look at ${nodesOf}.`;
  }
  if (disputed) return `Try again. If it repeats, look at ${nodesOf}.`;
  return wordOnly || unchecked ? "Try again." : null;
}

/** One peer's refusal to sign with others, as it reports it itself. */
function forbiddenPairText({ by, code, peers }: Claim, nameOf: NameOf): string {
  const others = list(peers.map(nameOf));
  return code === "peer-banned"
    ? `${nameOf(by)} never signs with ${others} again.`
    : `${nameOf(by)} does not sign with ${others} for now.`;
}

/** Whether a failure looks as if this browser had no network. */
export function isCutOff({ code }: Failure): boolean {
  return failures[code].names === "missing" || code === "expired";
}

/** The state of this page's check of the signed messages behind an accusation. @param by The accuser's name. */
export function proofText(proof: Proof | "looking" | undefined, by: string): string {
  switch (proof) {
    case undefined:
      return `${by} says that signed messages prove it. This page has not fetched them yet.`;
    case "looking":
      return "Fetching and checking…";
    case "not-fetched":
      return `Not checked: ${by} has not sent the signed messages to this page.`;
    case "proven":
      return "✓ Checked in this page: the signed messages prove it.";
    case "not-proven":
      return "✗ Checked in this page: the signed messages do not prove it.";
    case "unknown":
      return "This page lacks what it needs to check it.";
    default:
      return proof satisfies never;
  }
}

/** One peer's report in one sentence. */
export function statement(end: Failure | Done, nameOf: NameOf): string {
  const by = nameOf(end.peer);
  if (end.type === "done") return `${by} says: done.`;
  return failures[end.code].names === "claims"
    ? `${by} was told: ${explain(presentable(end), nameOf).what}`
    : `${by} says: ${explain(presentable(end), nameOf).what}`;
}

/** A failure with cleaned names: a peer can put any text into the names of wallets and rounds. */
export function presentable(failure: Failure): Failure {
  return {
    ...failure,
    wallet: failure.wallet === null ? null : clean(failure.wallet, 64),
    round: failure.round === null ? null : clean(failure.round, 24),
  };
}
