/**
 * What a failure card says: the sentences of `explain()`, and fixed ones about whose word it is. Pure.
 * @module
 */
import type { Done, Failure } from "../../src/events.ts";
import { accuses, explain, firstHand } from "../../src/explain.ts";
import { failures, type KeySafety, type PeerId } from "../../src/failure.ts";
import { clean } from "./clean.ts";
import { list, type NameOf } from "./names.ts";
import type { Proof } from "../node/node_port.ts";
import type { Summary } from "../state/summary.ts";

export interface CardText {
  what: string;
  /** First who did it, then who says so. */
  who: readonly string[];
  /** Where views differ: what each says, one line a peer. Empty where they do not. */
  differ: readonly string[];
  key: string;
  next: string;
}

/** What matters most comes first. */
const gravest: readonly KeySafety[] = ["safe-if-banned", "pending", "safe", "no-key"];

/** The reader of a card. */
export interface CardReader {
  /** Its own peer id: whoever reads about itself is spoken to. */
  self?: PeerId | null;
  /** Whether the key that the session was to make is known to the page, and active. */
  made?: boolean;
  /** Whether this browser had no network when it ended. */
  offline?: boolean;
}

export function cardText(
  summary: Summary & { failure: Failure },
  nameOf: NameOf,
  { self = null, made = false, offline = false }: CardReader = {},
): CardText {
  const { failure, agree, relayed, differing, silent, disputed, wordOnly, unchecked, belied } = summary;
  const told = explain(presentable(failure), nameOf, self);
  const names = (peers: readonly PeerId[]) => list(peers.map(nameOf));
  const others = differing.filter((end): end is Failure => end.type === "failed");
  const key = gravest.find((one) => [failure, ...others].some((other) => other.key === one)) ?? failure.key;
  if (offline && isCutOff(failure)) {
    return {
      what: "This browser was offline.",
      who: ["Nobody is blamed."],
      differ: [],
      key: told.key,
      next: "Try again when it is online.",
    };
  }
  const accusers = firstHand(failure.claims).filter(accuses).map(({ by }) => by);
  const liars = [...new Set(accusers)].filter((peer) => belied.includes(peer));
  const named = [...new Set([failure, ...others].flatMap(({ culprits }) => culprits))];
  const nodesOf = `the ${named.length === 1 ? "node" : "nodes"} of ${names(named)}`;
  // An accusation of somebody who had no part in it.
  const namesNobody = failures[failure.code].names === "culprits" && failure.culprits.length === 0;
  const who: string[] = [];
  if (disputed) {
    who.push("That is not settled here: no vote is taken.");
  } else if (namesNobody) {
    who.push("Nobody is blamed.");
  } else if (wordOnly) {
    who.push(
      `${nameOf(failure.peer)} says ${
        names(failure.culprits)
      }. No signed message came with it, so this is one ` +
        `peer's word; nobody is blamed.`,
    );
  } else if (unchecked) {
    who.push(
      `${nameOf(failure.peer)} says: ${told.what}`,
      "Nobody is blamed before this page has checked it.",
    );
  } else {
    who.push(told.who);
    if (agree.length > 1) {
      who.push(
        failures[failure.code].names === "culprits"
          ? `${names(agree)} found it independently.`
          : failures[failure.code].names === "claims"
          ? `${names(agree)} were told the same.`
          : `${names(agree)} say so, each by itself.`,
      );
    }
    for (const peer of liars) who.push(`${nameOf(peer)}'s own report of the session does not repeat it.`);
  }
  // Who is caught is no witness of it.
  const witnesses = relayed.filter(({ peer }) => !failure.culprits.includes(peer));
  for (const { peer, from } of witnesses) who.push(`${nameOf(peer)} was told of it by ${names(from)}.`);
  // Who is missing cannot say anything, and whose word is all there is has said it.
  const spoken = [...failure.missing, ...failure.claims.map(({ by }) => by)];
  const quiet = silent.filter((peer) => !spoken.includes(peer));
  if (quiet.length > 0) who.push(`No word yet from ${names(quiet)}.`);
  return {
    what: disputed
      ? "The peers name different culprits."
      : namesNobody
      ? `${nameOf(failure.peer)} ended the session.`
      : wordOnly
      ? `${nameOf(failure.peer)} accuses ${names(failure.culprits)} and shows nothing.`
      : unchecked
      ? `${nameOf(failure.peer)} accuses ${names(failure.culprits)}.`
      : told.what,
    who,
    differ: differing.length === 0 ? [] : [failure, ...differing].map((end) => statement(end, nameOf)),
    key: made
      ? "A key of this name was made, and all its members have confirmed it."
      : key === failure.key
      ? told.key
      : explain({ ...presentable(failure), key }, nameOf).key,
    next: made
      ? failure.culprits.length > 0
        ? `Look at the node of ${names(failure.culprits)} before you use it.`
        : "Nothing to do: use it."
      : summary.status === "done"
      ? failure.kind === "sign"
        ? `The signature was made all the same. Look at ${nodesOf} before they sign again.`
        : `It was done all the same. Look at ${nodesOf}.`
      : disputed
      ? `Try again. If it repeats, look at ${nodesOf}.`
      : wordOnly || unchecked
      ? "Try again."
      : told.next,
  };
}

/** Whether a failure is what having no network looks like from here. */
export function isCutOff({ code }: Failure): boolean {
  return failures[code].names === "missing" || code === "expired";
}

/** What this page knows of the signed messages behind an accusation of `by`. */
export function proofText(proof: Proof | "looking" | undefined, by: string): string {
  switch (proof) {
    case undefined:
      return `${by} says that signed messages show it. They are not fetched yet.`;
    case "looking":
      return "Fetching and checking…";
    case "not-fetched":
      return `Not fetched yet: ${by} has not given the signed messages to this page.`;
    case "proven":
      return "✓ Checked in this page: the signed messages show it.";
    case "not-proven":
      return "✗ Checked in this page: the signed messages do not show it.";
    case "unknown":
      return "This page has not what it takes to check it.";
    default:
      return proof satisfies never;
  }
}

/** One peer's view in one sentence. */
export function statement(end: Failure | Done, nameOf: NameOf): string {
  const by = nameOf(end.peer);
  if (end.type === "done") return `${by} says: it is done.`;
  return failures[end.code].names === "claims"
    ? `${by} was told: ${explain(presentable(end), nameOf).what}`
    : `${by} says: ${explain(presentable(end), nameOf).what}`;
}

/** Names of wallets and rounds travel in events: they are cleaned before they enter a sentence. */
export function presentable(failure: Failure): Failure {
  return {
    ...failure,
    wallet: failure.wallet === null ? null : clean(failure.wallet, 64),
    round: failure.round === null ? null : clean(failure.round, 24),
  };
}
