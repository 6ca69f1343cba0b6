/**
 * The sentences for people about a failure: what happened, who did it, whether the key is safe, what to do
 * next. They are the same on the card, in the log and in the docs.
 * @module
 */
import { ofClaims } from "./explain/claims.ts";
import {
  ahead,
  capital,
  clocksSentence,
  type Failed,
  filled,
  isOne,
  list,
  names,
  type Reader,
  type Said,
  said,
  type Sentences,
  whatId,
  whatOf,
  wordsFor,
} from "./explain/words.ts";
import {
  checkableBy,
  type Claim,
  type Explainable,
  type FailureRow,
  failures,
  type PeerId,
  type WarningRow,
  warnings,
} from "./failure.ts";
import { safetyId, safetySentence } from "./failures/safety.ts";

export { accuses, firstHand } from "./explain/claims.ts";

/** A failure as a person reads it. */
export interface Explanation {
  /** The sentence about what happened. */
  what: string;
  /** The sentence about who did it, and how that is known. */
  who: string;
  /** The sentence about whether the key is safe. */
  key: string;
  /** The sentence about what to do next. */
  next: string;
  /**
   * The ids of the sentences that each of the four consists of, in order, for a translation: `what.round-timeout`,
   * `who.missing`. What fills a sentence's places is in the fields of the failure. An id keeps its meaning.
   */
  ids: Readonly<Record<"what" | "who" | "key" | "next", readonly string[]>>;
}

/**
 * Explains a failure or a warning: what happened, who did it, whether the key is safe, and what to do next.
 *
 * @param nameOf This node's name for a peer. No other text written by a peer enters a sentence.
 * @param self The peer that reads the sentences, if it is one: it is addressed as “you”.
 */
export function explain(
  fault: Explainable,
  nameOf: (peer: PeerId) => string,
  self: PeerId | null = null,
): Explanation {
  const reader: Reader = { nameOf: (peer) => peer === self ? "you" : nameOf(peer), self };
  const { what, who, key, next } = fault.type === "warning"
    ? ofWarning(fault, nameOf)
    : ofFailure(fault, reader);
  const text = (all: readonly Said[]) => all.map(({ text }) => text).join(" ");
  const ids = (all: readonly Said[]) => all.map(({ id }) => id);
  const begin = (text: string) => text.replace(/^(you|this peer)\b/, capital);
  return {
    what: begin(text(what)),
    who: begin(text(who)),
    key: text(key),
    next: text(next),
    ids: { what: ids(what), who: ids(who), key: ids(key), next: ids(next) },
  };
}

function ofWarning(fault: Explainable & { type: "warning" }, nameOf: Reader["nameOf"]): Sentences {
  const via = fault.via === null ? "" : ` (from ${nameOf(fault.via)})`;
  const row: WarningRow = warnings[fault.code];
  const off = fault.seconds === undefined ? "" : `: theirs is ${ahead(fault.seconds)}`;
  return {
    what: said(`what.${fault.code}`, `${fault.count} ${row.what}${off}${via}.`),
    who: said("who.nobody", "Nobody is blamed."),
    key: said("key.untouched", "No session was touched."),
    next: row.next === undefined
      ? said("next.nothing", "Nothing to do.")
      : said(`next.${fault.code}`, row.next),
  };
}

function ofFailure(fault: Failed, reader: Reader): Sentences {
  const row: FailureRow = failures[fault.code];
  const key = [...keySentence(fault, reader), ...possiblySigned(fault)];
  const clocks = said("what.clocks", clocksSentence(fault, reader));
  if (row.names === "claims") {
    const sentences = ofClaims(fault, row, reader);
    return { ...sentences, what: [...sentences.what, ...clocks], key };
  }
  const what = said(whatId(row, fault), filled(whatOf(row, fault), wordsFor(fault, reader)));
  const aboutClocks = row.what.includes("{clocks}") ? [] : clocks;
  return {
    what: [...what, ...spoiltSentence(fault), ...aboutClocks],
    who: whoSentence(fault, row.names, reader),
    key,
    next: nextSentence(fault, row, reader),
  };
}

function nextSentence(fault: Failed, row: FailureRow, reader: Reader): readonly Said[] {
  const words = wordsFor(fault, reader);
  const whom = row.names as Exclude<FailureRow["names"], "claims">;
  const named = { culprits: fault.culprits, missing: fault.missing, nobody: [fault.peer] }[whom];
  if (reader.self !== null && named.includes(reader.self)) {
    if (row.own) return said(`next.${fault.code}.own`, filled(row.own, words));
    const own = ownOf[whom];
    if (own) return said(`next.own.${whom}`, filled(own, words));
  }
  // A new key without one of its members is another wallet (2-of-3 becomes 2-of-2), so this is never
  // suggested.
  if (fault.kind === "generate" && row.remedy === "exclude") {
    const others = names([...fault.culprits, ...fault.missing], reader);
    return said("next.generate", `Look at the node of ${others}, then create the key again.`);
  }
  return said(`next.${fault.code}`, filled(row.next, words));
}

/** The advice to a reader that the failure itself names; null: the same as for everybody. */
const ownOf: Record<"culprits" | "missing" | "nobody", string | null> = {
  culprits:
    "Look at this peer: another found its messages wrong, so its software or its store may be damaged.",
  missing: "See that this peer can be reached, then try again.",
  nobody: null,
};

/** The items of a batch that the culprits have spoilt, if that is known. */
function spoiltSentence({ items, spoilt = [] }: Failed): readonly Said[] {
  if (items === undefined || spoilt.length === 0) return [];
  if (spoilt.length === items) return said("what.items.all", `This concerns all ${items} items.`);
  const numbers = spoilt.map((item) => String(item + 1));
  const which = `item${numbers.length === 1 ? "" : "s"} ${list.format(numbers)} of ${items}`;
  return said("what.items.some", `This concerns ${which}.`);
}

/**
 * The state of the items of a failed batch. A signature may have come out elsewhere as soon as the session was
 * opened.
 */
function possiblySigned({ items, phase }: Failed): readonly Said[] {
  if (items === undefined || phase === "inviting") return [];
  return said("key.items.possibly-signed", `Each of the ${items} items counts as possibly signed.`);
}

function keySentence({ key, kind, culprits, peer }: Failed, reader: Reader): readonly Said[] {
  if (key !== "safe-if-banned" || culprits.length === 0) {
    return said(safetyId(key, kind), safetySentence(key, kind));
  }
  const refuse = isOne([peer], reader) ? "refuses" : "refuse";
  return said(
    "key.safe-if-banned.named",
    `Your key is safe as long as ${names([peer, ...culprits], reader)} do not sign with it together again, ` +
      `which ${reader.nameOf(peer)} now ${refuse} to do.`,
  );
}

/** The claims by which a failure is known, if it is by others' word alone. */
const saysSame = ({ claims, code }: Failed): readonly Claim[] =>
  claims.filter((claim) => claim.code === code);

function whoSentence(
  fault: Failed,
  whom: "culprits" | "missing" | "nobody",
  reader: Reader,
): readonly Said[] {
  if (whom === "missing") return said("who.missing", "Nobody is blamed: silence proves nothing.");
  const { nameOf } = reader;
  if (whom === "nobody") {
    const others = [...new Set(saysSame(fault).map(({ by }) => by))];
    if (others.length === 0) return said("who.nobody", "Nobody is blamed.");
    const say = isOne(others, reader) ? "says" : "say";
    return said("who.claims.report", `${names(others, reader)} ${say} so. Nobody is blamed.`);
  }
  const { peer } = fault;
  const says = isOne([peer], reader) ? "says" : "say";
  const checks = {
    anyone: "The messages are signed, so anyone can check it.",
    recipient: `Nobody else can check it, so it is the word of ${nameOf(peer)}.`,
    nobody: "",
  };
  const by = checkableBy(fault);
  return [
    ...said("who.culprits", `${names(fault.culprits, reader)}, ${says} ${nameOf(peer)}, who checked it.`),
    ...said(`who.checkable.${by}`, checks[by]),
  ];
}
