/**
 * The sentences that the table of failures has for a failure: what happened, and what to do next.
 * @module
 */
import { type FailureRow, failures } from "../failure.ts";
import { authorsOf, type Failed, filled, names, type Reader, wordsFor } from "./words.ts";

/** A sentence after its id. */
type Sentence = [id: string, text: string];

/** The sentence about what happened. */
export const whatOf = (fault: Failed, reader: Reader): Sentence => [
  fault.code,
  filled(failures[fault.code].what, wordsFor(fault, reader)),
];

/** The sentence about what to do next. */
export function nextOf(fault: Failed, reader: Reader): Sentence {
  const { code, kind, peer, culprits, missing, claims } = fault;
  const { names: whom, own, next, remedy }: FailureRow = failures[code];
  const words = wordsFor(fault, reader);
  const named = { culprits, missing, claims: authorsOf(claims), nobody: [peer] }[whom];
  const look = ownOf[whom];
  if (named.includes(reader.self!)) {
    if (own) return [`${code}.own`, filled(own, words)];
    if (look) return [`own.${whom}`, look];
  }
  // A new key without one of its members is another wallet (2-of-3 becomes 2-of-2), so this is never
  // suggested.
  return look && kind === "generate" && remedy === "exclude"
    ? ["generate", `Look at the node of ${names(named, reader)}, then create the key again.`]
    : [code, filled(next, words)];
}

/** The advice to a reader that is among the culprits, or among the missing. */
const ownOf: Partial<Record<FailureRow["names"], string>> = {
  culprits: "Look at this peer: its software or store may be damaged.",
  missing: "See that this peer can be reached, then try again.",
};
