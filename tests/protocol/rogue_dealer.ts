/**
 * A dealer that says in a key generation what it likes, consistently: the messages of a polynomial that the test
 * chooses. Not a test by itself.
 * @module
 */
import { proveDlog } from "../../src/crypto/dlog_proof.ts";
import type { DlogProof } from "../../src/crypto/dlog_proof.ts";
import type { Curve, Element } from "../../src/crypto/group.ts";
import type { PeerId } from "../../src/failure.ts";
import { promiseOf } from "../../src/protocol/deal_messages.ts";
import { attempt, party, seeded, session, suites } from "./keys.ts";
import { accept, type Tamper } from "./local_net.ts";

export interface Rogue {
  curve?: Curve;
  name?: PeerId;
  members?: readonly PeerId[];
  /** a_0, a_1, …: as many as it likes. */
  coefficients: readonly bigint[];
  /** What it shows instead of its coefficients times G. */
  polynomial?: readonly Element[];
  /** What it shows instead of an honest proof. */
  proof?: DlogProof;
}

/** Puts the rogue's messages in the place of those that its own node sends. */
export function rogueDealer({ curve = "ed25519", name = "bob", members = party, ...rogue }: Rogue): Tamper {
  const suite = suites[curve], { scheme, group, firstRound, rounds } = suite;
  const { coefficients } = rogue;
  const identifier = members.indexOf(name) + 1;
  const polynomial = rogue.polynomial ?? coefficients.map(group.multiplyBase);
  const opening = { polynomial, chainCode: new Uint8Array(32), salt: new Uint8Array(32) };
  const secret = coefficients[0] ?? 1n;
  const proof = rogue.proof ?? proveDlog(group, {
    secret,
    statement: polynomial[0] ?? group.multiplyBase(secret),
    context: { scheme, session, identifier },
    random: seeded("rogue"),
  });
  const promise = promiseOf(suite, attempt, identifier, opening);
  return ({ from, to, round, bytes }) => {
    if (from !== name) return bytes;
    switch (round) {
      case accept:
        return firstRound.encode({ promise });
      case "reveal":
        return rounds.reveal.codec.encode({ ...opening, proof });
      case "deal": {
        const x = BigInt(members.indexOf(to) + 1);
        return rounds.deal.codec.encode({
          share: coefficients.reduceRight((sum, a) => group.reduce(sum * x + a), 0n),
        });
      }
      default:
        return bytes;
    }
  };
}
