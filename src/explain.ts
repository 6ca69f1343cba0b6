/**
 * The sentences for people about a failure: what happened, who did it, whether the key is safe, what to do
 * next. They are the same on the card, in the log and in the docs.
 * @module
 */
import { sayClaims } from "./explain/claims.ts";
import { nextOf, whatOf } from "./explain/table.ts";
import { ahead, authorsOf, list, names, type Part, type Reader, type Say } from "./explain/words.ts";
import {
  checkableBy,
  type Explainable,
  failures,
  type PeerId,
  type WarningRow,
  warnings,
} from "./failure.ts";
import { safetyOf } from "./failures/safety.ts";

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
  const texts: Record<Part, string[]> = { what: [], who: [], key: [], next: [] };
  const ids: Record<Part, string[]> = { what: [], who: [], key: [], next: [] };
  const say: Say = (part, id, text) => {
    if (texts[part].includes(text)) return; // several peers may say the same
    texts[part].push(text);
    ids[part].push(`${part}.${id}`);
  };
  if (fault.type === "warning") sayWarning(fault, nameOf, say);
  else sayFailure(fault, { nameOf: (peer) => peer === self ? "you" : nameOf(peer), self }, say);
  if (texts.who.length === 0) say("who", "nobody", "Nobody is blamed.");
  const begun = (text: string) =>
    text.replace(/^(y(?=ou\b)|t(?=his peer\b))/, (letter) => letter.toUpperCase());
  const joined = (part: Part) => texts[part].map(begun).join(" ");
  return { what: joined("what"), who: joined("who"), key: joined("key"), next: joined("next"), ids };
}

function sayWarning(
  { code, count, via, seconds }: Explainable & { type: "warning" },
  nameOf: Reader["nameOf"],
  say: Say,
): void {
  const { what, next }: WarningRow = warnings[code];
  const off = seconds === undefined ? "" : `: theirs is ${ahead(seconds)}`;
  const from = via === null ? "" : ` (from ${nameOf(via)})`;
  say("what", code, `${count} ${what}${off}${from}.`);
  say("key", "untouched", "No session was touched.");
  say("next", next ? code : "nothing", next ?? "Nothing to do.");
}

function sayFailure(fault: Explainable & { type: "failed" }, reader: Reader, say: Say): void {
  const { code, kind, peer, culprits, claims, clocks = [], items, spoilt = [], key, phase } = fault;
  const self = reader.nameOf(peer);
  const whom = failures[code].names;
  if (whom === "claims") sayClaims(fault, reader, say);
  else {
    say("what", ...whatOf(fault, reader));
    say("next", ...nextOf(fault, reader));
  }
  if (whom === "missing") say("who", whom, "Nobody is blamed: silence proves nothing.");
  const others = claims.filter((claim) => claim.code === code); // a report by their word alone
  if (whom === "nobody" && others.length > 0) {
    say("who", "claims.report", `It is the word of ${names(authorsOf(others), reader)}. Nobody is blamed.`);
  }
  if (whom === "culprits") {
    say(
      "who",
      whom,
      `${names(culprits, reader)}, ${peer === reader.self ? "say" : "says"} ${self}, who checked it.`,
    );
    if (checkableBy(fault) === "anyone") {
      say("who", "checkable.anyone", "The messages are signed, so anyone can check it.");
    } else say("who", "checkable.recipient", `Nobody else can check it, so it is the word of ${self}.`);
  }
  if (items !== undefined) {
    const numbers = list.format(spoilt.map((item) => `${item + 1}`));
    if (spoilt.length === items) say("what", "items.all", `This concerns all ${items} items.`);
    else if (spoilt.length > 0) {
      say("what", "items.some", `This concerns ${spoilt.length} of ${items} items: no. ${numbers}.`);
    }
  }
  if (clocks.length > 0) {
    const off = clocks.map((clock) => `the clock of ${reader.nameOf(clock.peer)} is ${ahead(clock.seconds)}`);
    say("what", "clocks", `By the clock of ${self}, ${list.format(off)}.`);
  }
  if (key === "safe-if-banned" && culprits.length > 0) {
    say(
      "key",
      `${key}.named`,
      `Your key is safe as long as ${
        names([peer, ...culprits], reader)
      } do not use the present shares together ` +
        `again, and ${self} will not.`,
    );
  } else say("key", ...safetyOf(key, kind));
  // A signature may have come out elsewhere as soon as the session was opened.
  if (items !== undefined && phase !== "inviting") {
    say("key", "items.possibly-signed", `All ${items} items count as possibly signed.`);
  }
}
