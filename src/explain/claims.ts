/**
 * The sentences of a failure that other peers report: claims are repeated with their authors, and nobody is blamed.
 * @module
 */
import { type Claim, failures } from "../failure.ts";
import { nextOf, whatOf } from "./table.ts";
import { authorsOf, type Failed, names, type Reader, type Say } from "./words.ts";

/** The claims that give a reason: `aborted-by-peer` only repeats that another peer ended the session. */
export function firstHand(claims: readonly Claim[]): readonly Claim[] {
  return claims.filter(({ code }) => code !== "aborted-by-peer");
}

/** Whether a claim accuses other peers of breaking the protocol. */
export function accuses({ code, peers }: Claim): boolean {
  return failures[code].names === "culprits" && peers.length > 0;
}

/** Says the sentences, but for the one about the key. */
export function sayClaims(heard: Failed, reader: Reader, say: Say): void {
  const claims = firstHand(heard.claims);
  const fault = { ...heard, claims };
  const { nameOf } = reader;
  const accusing = claims.filter(accuses);
  const shown = accusing.length > 0 ? accusing : claims;
  const authors = authorsOf(shown);
  const by = names(authors, reader);
  const told = shown.map((claim) =>
    `${nameOf(claim.by)} told ${nameOf(fault.peer)}: ${whatOf(claimed(claim, fault, []), reader)[1]}`
  ).join(" ");
  if (claims.length === 0) {
    say("what", "claims.unknown", "A peer ended the session; its reason is not known here yet.");
    say("next", "retry", "Try again.");
  } else if (shown === accusing) {
    const accused = accusing.flatMap(({ peers }) => peers);
    const id = "claims.accusation";
    say("what", id, `${by} ended the session, accusing ${names(accused, reader)}.`);
    say("who", id, `${told} No proof came with it, so it is the word of ${by} alone. Nobody is blamed.`);
    say(
      "next",
      id,
      `Try again. If it repeats, look at the nodes of ${names([...authors, ...accused], reader)}.`,
    );
  } else if (
    // A no that names others repeats what those are said to have said.
    claims.some(({ code, peers }) =>
      code === "declined" ? peers.length > 0 : failures[code].names !== "nobody"
    )
  ) {
    say("what", ...whatOf(fault, reader));
    say("who", "claims", `${told} Nobody is blamed.`);
    say("next", ...nextOf(fault, reader));
  } else {
    // A peer's report about itself is repeated as it is: that it is locked, that it has too much to do.
    for (const claim of claims) {
      const reported = claimed(claim, fault, claims.filter(({ code }) => code === claim.code));
      say("what", ...whatOf(reported, reader));
      say("next", ...nextOf(reported, reader));
    }
    if (claims.every(({ code }) => code === "declined")) {
      say("who", "claims.declined", "Nobody is blamed: everyone may say no.");
    } else say("who", "claims.report", `It is the word of ${by}. Nobody is blamed.`);
  }
}

/** The failure that a claim is about, as its author has it. */
const claimed = ({ by: peer, code, peers }: Claim, fault: Failed, claims: readonly Claim[]): Failed => ({
  ...fault,
  code,
  peer,
  culprits: peers,
  missing: peers,
  claims,
  round: null,
});
