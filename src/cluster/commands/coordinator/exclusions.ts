/**
 * The exclusions from the next proposal of a command: peers that have declined or are silent, and pairs that
 * must not sign together. Pure.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import { type Claim, partsPair, type PeerId } from "../../../failure.ts";
import { maxParties } from "../../../limits.ts";
import type { Command } from "../../records/command.ts";
import type { Answer } from "./answer.ts";

/** Everything that rules out further parties for one command. */
export interface Exclusions {
  /** The peers that are not invited again, each with its claim; null if it was silent. */
  readonly peers: Map<PeerId, Claim | null>;
  /** Claims of peers that do not sign together with those they name. */
  readonly pairs: Claim[];
}

/**
 * Excludes a peer that has declined or was silent; or a pair, for a peer that only declines to meet another
 * of the party.
 */
export function exclude({ peers, pairs }: Exclusions, answer: Answer, party: readonly PeerId[]): void {
  const claim = "declined" in answer ? answer.declined : null;
  if (claim === null && !("silent" in answer)) return;
  // Only a pair of this party makes the next proposal another one.
  const named = claim?.peers.filter((peer) => party.includes(peer)) ?? [];
  if (claim && partsPair({ ...claim, peers: named })) pairs.push(claim);
  else peers.set(answer.peer, claim);
}

/** The failure when no party is left to propose: silent peers are missing; peers that declined are quoted. */
export function noParty({ peers, pairs }: Exclusions, { kind }: Command): SessionError {
  const claims = [...pairs, ...peers.values()].filter((claim) =>
    claim !== null && claim.code !== "link-lost"
  ) as Claim[];
  // If another command has the name, or is about to have it, nobody has refused anything.
  const taken = (["wallet-busy", "wallet-exists"] as const).find((code) =>
    kind !== "sign" && claims.length > 0 && claims.every((claim) => claim.code === code)
  );
  if (taken) return new SessionError(taken);
  // People who did not answer in their time, by their own clocks.
  if (claims.length > 0 && claims.every(({ code }) => code === "unanswered")) {
    return new SessionError("unanswered", { missing: claims.map(({ by }) => by) });
  }
  if (claims.length > 0) return new SessionError("declined", { claims: claims.slice(0, maxParties) });
  return new SessionError("not-enough-peers", {
    missing: [...new Set([...peers.keys(), ...pairs.map(({ by }) => by)])],
  });
}
