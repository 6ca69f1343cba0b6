/**
 * Schnorr's proof of knowledge of an element's discrete logarithm, made non-interactive (Fiat-Shamir) and
 * bound to one session and one prover: it proves nothing in another session, or from another prover.
 * @module
 */
import type { Random } from "../ports.ts";
import { hash } from "./codec.ts";
import type { Element, Group } from "./group.ts";

export interface DlogProof {
  /** R = r · G. */
  readonly commitment: Element;
  /** r + challenge · secret. */
  readonly response: bigint;
}

/** The session and the prover that a proof is bound to. */
export interface ProofContext {
  /** The id of the scheme whose key is made. */
  readonly scheme: string;
  /** 32 bytes. */
  readonly session: Uint8Array;
  /** The prover's identifier, 1..n. */
  readonly identifier: number;
}

// Strong Fiat-Shamir (eprint 2023/691): the hash covers every input of the verifier's equation, the group by
// the id of its scheme.
function challenge(group: Group, statement: Element, commitment: Element, context: ProofContext): bigint {
  return group.hashToScalar(hash(
    "quorate/1/dlog-proof",
    context.scheme,
    context.session,
    context.identifier,
    group.encodeElement(statement),
    group.encodeElement(commitment),
  ));
}

/** Proves knowledge of `secret`, where `statement` = secret · G. */
export function proveDlog(
  group: Group,
  { secret, statement, context, random }: {
    secret: bigint;
    statement: Element;
    context: ProofContext;
    random: Random;
  },
): DlogProof {
  const nonce = group.randomScalar(random);
  const commitment = group.multiplyBase(nonce);
  const response = group.reduce(nonce + challenge(group, statement, commitment, context) * secret);
  return { commitment, response };
}

/**
 * Whether `proof` shows that its author knows the logarithm of `statement`. Never throws for decoded values.
 */
export function verifyDlog(
  group: Group,
  statement: Element,
  proof: DlogProof,
  context: ProofContext,
): boolean {
  const c = challenge(group, statement, proof.commitment, context);
  const claimed = proof.commitment.add(group.combine([statement], [c]));
  return group.multiplyBase(proof.response).equals(claimed);
}
