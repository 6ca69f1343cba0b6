/**
 * The sentences of a failure that other peers report: claims are repeated with their authors, and nobody is blamed.
 * @module
 */
import { type Claim, type FailureRow, failures } from "../failure.ts";
import {
  type Failed,
  filled,
  isOne,
  names,
  type Reader,
  type Said,
  said,
  type Sentences,
  whatOf,
  wordsFor,
  wordsOfClaim,
} from "./words.ts";

/** The claims that give a reason: `aborted-by-peer` only repeats that another peer ended the session. */
export function firstHand(claims: readonly Claim[]): readonly Claim[] {
  return claims.filter(({ code }) => code !== "aborted-by-peer");
}

/** Whether a claim accuses other peers of breaking the protocol. */
export function accuses({ code, peers }: Claim): boolean {
  return failures[code].names === "culprits" && peers.length > 0;
}

/** The sentences, without the one about the key. */
export function ofClaims(fault: Failed, row: FailureRow, reader: Reader): Omit<Sentences, "key"> {
  const claims = firstHand(fault.claims);
  if (claims.length === 0) {
    return {
      what: said(
        "what.claims.unknown",
        "One of its peers ended the session; the reason is not known here yet.",
      ),
      who: said("who.nobody", "Nobody is blamed."),
      next: said("next.retry", "Try again."),
    };
  }
  const accusing = claims.filter(accuses);
  if (accusing.length > 0) return ofAccusations(accusing, fault, reader);
  // A claim that names others repeats what those are said to have said.
  if (claims.every(({ code, peers }) => code === "declined" && peers.length === 0)) {
    return ofDeclined(claims, reader);
  }
  if (claims.every(({ code }) => failures[code].names === "nobody")) return ofReports(claims, fault, reader);
  const words = { ...wordsFor(fault, reader), by: authorsOf(claims, reader) };
  return {
    what: said(`what.${fault.code}`, filled(row.what, words)),
    who: said(
      "who.claims",
      `${claims.map((claim) => saying(claim, fault, reader)).join(" ")} Nobody is blamed.`,
    ),
    next: said(`next.${fault.code}`, filled(row.next, words)),
  };
}

const authorsOf = (claims: readonly Claim[], reader: Reader) =>
  names([...new Set(claims.map((claim) => claim.by))], reader);

function ofAccusations(accusing: readonly Claim[], fault: Failed, reader: Reader): Omit<Sentences, "key"> {
  const accusers = [...new Set(accusing.map((claim) => claim.by))];
  const accused = [...new Set(accusing.flatMap(({ peers }) => peers))];
  const verb = isOne(accusers, reader) ? "accuses" : "accuse";
  const both = names([...new Set([...accusers, ...accused])], reader);
  return {
    what: said(
      "what.claims.accusation",
      `${names(accusers, reader)} ended the session and ${verb} ${names(accused, reader)}.`,
    ),
    who: said(
      "who.claims.accusation",
      `${accusing.map((claim) => saying(claim, fault, reader)).join(" ")} No proof came with ` +
        `it, so it is the word of ${names(accusers, reader)} alone. Nobody is blamed.`,
    ),
    next: said("next.claims.accusation", `Try again. If it repeats, look at the nodes of ${both}.`),
  };
}

function ofDeclined(claims: readonly Claim[], reader: Reader): Omit<Sentences, "key"> {
  const by = authorsOf(claims, reader);
  const own = claims.every((claim) => claim.by === reader.self);
  return {
    what: said("what.claims.declined", `${by} said no.`),
    who: said("who.claims.declined", "Nobody is blamed: everyone may say no."),
    next: own
      ? said("next.claims.declined.own", "Nothing to do. Whoever asked can ask again.")
      : said("next.claims.declined", `Ask ${by} why, or choose other peers.`),
  };
}

/** A peer's report about itself is repeated as it is: that it is locked, that it has too much to do. */
function ofReports(claims: readonly Claim[], fault: Failed, reader: Reader): Omit<Sentences, "key"> {
  const authors = [...new Set(claims.map((claim) => claim.by))];
  const own = authors.every((peer) => peer === reader.self);
  const each = (part: "what" | "next"): Said[] => {
    const all = claims.flatMap((claim) => {
      const row: FailureRow = failures[claim.code];
      const ofOwn = part === "next" && own && row.own !== undefined;
      const text = filled(ofOwn ? row.own! : row[part], wordsOfClaim(claim, fault, reader));
      return said(`${part}.${claim.code}${ofOwn ? ".own" : ""}`, text);
    });
    return [...new Map(all.map((one) => [one.text, one])).values()];
  };
  const says = isOne(authors, reader) ? "says" : "say";
  return {
    what: each("what"),
    who: said("who.claims.report", `${names(authors, reader)} ${says} so. Nobody is blamed.`),
    next: each("next"),
  };
}

/** One claim with its author and the peer that reports it: “Bob told Carol: …”. */
function saying(claim: Claim, fault: Failed, reader: Reader): string {
  const { nameOf } = reader;
  const words = { ...wordsOfClaim(claim, fault, reader), by: "a peer" };
  return `${nameOf(claim.by)} told ${nameOf(fault.peer)}: ${
    filled(whatOf(failures[claim.code], fault), words)
  }`;
}
