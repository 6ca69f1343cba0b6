/**
 * What came of a command: signed by each member of its party, sent to the initiator by direct stream.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import * as v from "valibot";
import { bytes, bytesUpTo, equal, list, peerId, record } from "../../crypto/codec.ts";
import { ChannelError, type SessionError } from "../../errors.ts";
import type { Claim, PeerId } from "../../failure.ts";
import { maxParties, maxPreimage } from "../../limits.ts";
import { decodePackage, encodePackage, type KeyRow, voteBody } from "../../keystore/key_rows.ts";
import { failureCode } from "../../session/control.ts";
import { sign, type Signed } from "../../session/signed.ts";
import { type Command, contentOf } from "../records/command.ts";
import { type Context, protocols } from "../context.ts";
import type { GroupKey } from "../keys/keys.ts";
import { payloadOf, signingKey } from "../records/signing.ts";

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

const outcomeRecord = record("quorate/2/command-outcome", {
  /** Of the command. */
  content: bytes(32),
  /** Signed. */
  result: bytesUpTo(80 * 1024),
});

/** What came of a command, as it is kept. */
export function encodeOutcome(command: Command, result: Uint8Array): Uint8Array {
  return outcomeRecord.encode({ content: contentOf(command), result });
}

/** The signed result, if it is of exactly this command. */
export function resultFor(command: Command, outcome: Uint8Array): Uint8Array | null {
  const { content, result } = outcomeRecord.decode(outcome);
  return equal(content, contentOf(command)) ? result : null;
}

/** What a session gave at this node. */
export type Gave =
  | { kind: "sign"; signature: Uint8Array }
  | { kind: "generate"; row: KeyRow };

/** What a `done` event tells of a result, 64 hex digits. */
export function resultHash(gave: Gave): string {
  const { kind } = gave;
  return sha256(kind === "sign" ? gave.signature : voteBody(gave.row.key!, gave.row.transcript)).toHex();
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

/** Signs what came of it here. */
export function signResult(
  { identity }: Pick<Context, "identity">,
  ids: Pick<Result, "id" | "attempt" | "session">,
  came: Gave | SessionError,
): Promise<Signed<Result>> {
  return sign(identity, resultRecord, { ...ids, ...nothing, ...contents(came) });
}

function contents(came: Gave | SessionError): Partial<Result> {
  if (!("kind" in came)) {
    const claims = came.claims.map(({ by, code, peers }) =>
      [by, code, [...peers]] as v.InferOutput<typeof claim>
    );
    return { code: came.code, culprits: [...came.culprits], missing: [...came.missing], claims };
  }
  if (came.kind === "sign") return { signature: came.signature };
  const { key, transcript, votes, preimage } = came.row;
  return { key: encodePackage(key!), transcript, votes: [...votes], preimage };
}

export const claimsOf = (result: Result): Claim[] =>
  result.claims.map(([by, code, peers]) => ({ by, code, peers }));

/** Tells the initiator. If it cannot be reached, nothing is lost: it can ask its coordinator again. */
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
  const good = vault.verify(signingKey(key, command.path), payloadOf(command), result.signature);
  return good ? result.signature : null;
}

/** The key that a result claims, with what its maker signed of it; null if it does not decode. */
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
    return null; // not a key: it does not count, and the session has failed elsewhere
  }
}
