/**
 * Cheats in the rounds of a batch that FROST signs. Not a test by itself.
 * @module
 */
import type { NonceCommitment } from "../../src/crypto/frost.ts";
import { type Cheat, type Outgoing, sending, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { cheatOf } from "../../src/demo/cheats/session_cheats.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { frostSuites } from "../../src/protocol/sign_frost_messages.ts";

/** A scheme that FROST signs by. */
export type FrostScheme = keyof typeof frostSuites;

/** @param change Called with the number of items too. */
function inRound(
  code: FailureCode,
  round: string,
  change: (said: Outgoing, items: number) => readonly Outgoing[],
): Cheat {
  const plan = {
    name: "batch",
    label: "cheat in a batch",
    kinds: ["sign"],
    expects: { outcome: "failed", code, names: "culprit" },
  } as const;
  return {
    ...cheatOf(plan, (said) => [said]),
    wrap: (wire, { itemCount }) =>
      sending(wire, (said) => said.round === round ? change(said, itemCount) : [said]),
    withholdsMs: Infinity,
  };
}

/** Sends other shares. */
export function withShares(
  scheme: FrostScheme,
  code: FailureCode,
  change: (shares: readonly Uint8Array[]) => readonly Uint8Array[],
): Cheat {
  return inRound(
    code,
    "share",
    (said, items) => [withPayload(said, frostSuites[scheme].signatureShares(items), change)],
  );
}

/** Spoils its shares of these items, from 0. */
export function spoiling(scheme: FrostScheme, ...items: readonly number[]): Cheat {
  const { decodeScalar, encodeScalar, reduce } = frostSuites[scheme].group;
  return withShares(
    scheme,
    "invalid-signature-share",
    (shares) =>
      shares.map((share, i) => items.includes(i) ? encodeScalar(reduce(decodeScalar(share) + 1n)) : share),
  );
}

type Commitments = readonly NonceCommitment[];

/** Shows other commitments; only to `to`, if that is given. */
export function withCommitments(
  scheme: FrostScheme,
  code: FailureCode,
  change: (commitments: Commitments) => Commitments,
  to?: PeerId,
): Cheat {
  return inRound(
    code,
    "commit",
    (said, items) =>
      to === undefined || said.to === to
        ? [withPayload(said, frostSuites[scheme].nonceCommitments(items), change)]
        : [said],
  );
}

/** Shows no commitments, and is honest in all else. */
export const noCommitments: Cheat = inRound("round-timeout", "commit", () => []);

/** Accepts with another first round than it has drawn. */
export function acceptingWith(firstRound: NonNullable<Cheat["firstRound"]>): Cheat {
  return { ...inRound("malformed-message", "none", () => []), withholdsMs: 0, firstRound };
}

/** Is honest; what it shows in a round is kept. */
export function recording(round: string, into: Uint8Array[]): Cheat {
  return {
    ...inRound("internal", round, (said) => [said]),
    withholdsMs: 0,
    wrap: (wire) =>
      sending(wire, (said) => {
        if (said.round === round) into.push(said.body);
        return [said];
      }),
  };
}
