/**
 * The outcome of a command, and the result in which each member of its party signs it and sends it to the
 * initiator.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import * as v from "valibot";
import { bytes, bytesUpTo, equal, list, peerId, record } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import type { Scheme } from "../../events.ts";
import type { Claim, PeerId } from "../../failure.ts";
import { maxParties, maxPreimage } from "../../limits.ts";
import { decodePackage, encodePackage } from "../../keystore/public_key_record.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { voteBody } from "../../keystore/vote_signatures.ts";
import { failureCode } from "../../session/control.ts";
import { sign, type Signed } from "../../session/signed.ts";
import { type Command, contentOf } from "../records/command.ts";
import type { Context } from "../events/event_context.ts";
import { protocols } from "../records/protocols.ts";
import { type GroupKey, groupKey } from "../keys/group_key.ts";
import { payloadOf, schemes, type Signature, type signFields, signingKey } from "../../schemes/schemes.ts";

const claim = v.strictTuple([peerId, failureCode, list(peerId, maxParties)]);
export const resultRecord = record("quorate/1/result", {
  /** The command's. */
  id: bytes(16),
  /** Empty until there was one. */
  attempt: bytesUpTo(32),
  session: bytesUpTo(32),
  /** A signature, or a key's public half with its certificate; empty for a failure. */
  signature: bytesUpTo(64),
  key: bytesUpTo(4096),
  transcript: bytesUpTo(32),
  votes: list(bytes(64), maxParties),
  /** Of the session's id, for a key. */
  preimage: bytesUpTo(maxPreimage),
  /** Empty for a success. */
  code: v.nullable(failureCode),
  culprits: list(peerId, maxParties),
  missing: list(peerId, maxParties),
  claims: list(claim, maxParties),
});
export type Result = ReturnType<typeof resultRecord.decode>;

const outcomeRecord = record("quorate/3/command-outcome", {
  /** Of the command. */
  content: bytes(32),
  /** Signed. */
  result: bytesUpTo(80 * 1024),
});

/** The signed result of a command, as it is kept with the command. */
export function encodeOutcome(command: Command, result: Uint8Array): Uint8Array {
  return outcomeRecord.encode({ content: contentOf(command), result });
}

/** The signed result, if it is of exactly this command. */
export function resultFor(command: Command, outcome: Uint8Array): Uint8Array | null {
  const { content, result } = outcomeRecord.decode(outcome);
  return equal(content, contentOf(command)) ? result : null;
}

/** The outcome of a command. */
export type CommandOutcome =
  | { kind: "sign"; signature: Uint8Array }
  | { kind: "generate"; row: KeyRow };

/** The hash of an outcome in the `done` event, 64 hex digits. */
export function resultHash(outcome: CommandOutcome): string {
  const { kind } = outcome;
  return sha256(kind === "sign" ? outcome.signature : voteBody(outcome.row.key!, outcome.row.transcript))
    .toHex();
}

const none = new Uint8Array();
const nothing = {
  signature: none,
  key: none,
  transcript: none,
  votes: [],
  preimage: none,
  code: null,
  culprits: [],
  missing: [],
  claims: [],
};

/** Signs the outcome of a command at this node, or its failure. */
export function signResult(
  { identity }: Pick<Context, "identity">,
  ids: Pick<Result, "id" | "attempt" | "session">,
  outcome: CommandOutcome | SessionError,
): Promise<Signed<Result>> {
  return sign(identity, resultRecord, { ...ids, ...nothing, ...contents(outcome) });
}

function contents(outcome: CommandOutcome | SessionError): Partial<Result> {
  if (!("kind" in outcome)) {
    const claims = outcome.claims.map(({ by, code, peers }) =>
      [by, code, [...peers]] as v.InferOutput<typeof claim>
    );
    return { code: outcome.code, culprits: [...outcome.culprits], missing: [...outcome.missing], claims };
  }
  if (outcome.kind === "sign") return { signature: outcome.signature };
  const { key, transcript, votes, preimage } = outcome.row;
  return { key: encodePackage(key!), transcript, votes: [...votes], preimage };
}

export const claimsOf = (result: Result): Claim[] =>
  result.claims.map(([by, code, peers]) => ({ by, code, peers }));

/**
 * Sends a result to the initiator. If it cannot be reached, nothing is lost: it can ask its coordinator
 * again.
 */
export async function sendResult(context: Context, to: PeerId, result: Signed<Result>): Promise<void> {
  try {
    const channel = await context.network.open(to, protocols.result, { signal: context.stopping });
    await channel.send(result.encoded);
    await channel.end();
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
  }
}

/** The signature that a result claims, if it verifies under the key that the command signs with. */
export function signatureIn(
  { vault }: Pick<Context, "vault">,
  result: Result,
  key: GroupKey,
  command: Command & { message: Uint8Array },
): Uint8Array | null {
  const good = vault.verify(signingKey(key, command), payloadOf(command), result.signature);
  return good ? result.signature : null;
}

/** The key that a result claims, and what its members must agree on (`same`); null if it does not decode. */
export function keyIn(result: Result): { row: KeyRow; same: string } | null {
  try {
    const key = decodePackage(result.key);
    const { session, transcript, votes, preimage } = result;
    const row: KeyRow = {
      state: "active",
      session,
      key,
      transcript,
      votes,
      preimage,
      share: none,
      opens: [],
      nos: [],
      at: 0,
    };
    return { row, same: voteBody(key, transcript).toHex() };
  } catch {
    return null; // no key: it does not count, and its member has failed
  }
}

/** Reads the outcome of a key generation. */
export function asKey(outcome: CommandOutcome): GroupKey {
  if (outcome.kind !== "generate") throw new SessionError("internal");
  return groupKey(outcome.row);
}

/** Reads the outcome of a signature, in all forms of its scheme. @param fields The input that was signed. */
export function asSignature<S extends Scheme>(
  key: GroupKey & { scheme: S },
  fields: ReturnType<typeof signFields>,
): (outcome: CommandOutcome) => Signature<S> {
  return (outcome) => {
    if (outcome.kind !== "sign") throw new SessionError("internal");
    const { scheme } = key;
    const { publicKey } = signingKey(key, fields);
    const payload = payloadOf({ scheme, ...fields });
    return schemes[scheme].signatureOf(publicKey, payload, outcome.signature) as Signature<S>;
  };
}
