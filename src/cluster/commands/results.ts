/**
 * The outcome of a command, and the result in which each member of its party signs it and sends it to the
 * initiator.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bytes, bytesUpTo, equal, list, peerId, record, uint } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import type { Scheme, SessionId } from "../../events.ts";
import type { Claim, PeerId } from "../../failure.ts";
import { maxCommandFrame, maxItems, maxPreimage, maxSessionParty } from "../../limits.ts";
import { decodeCertificate, encodeCertificate, maxCertificate } from "../../keystore/key_certificate.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { voteBody } from "../../keystore/vote_signatures.ts";
import { failureCode } from "../../session/control.ts";
import { sign, type Signed } from "../../session/signed.ts";
import { type Command, contentOf, type Order } from "../records/command.ts";
import { encodeOrder } from "../records/order.ts";
import type { Context } from "../events/event_context.ts";
import { areSpoilt } from "../events/event_schema.ts";
import { protocols } from "../records/protocols.ts";
import { type GroupKey, groupKey } from "../keys/group_key.ts";
import type { SignItem } from "../../schemes/scheme.ts";
import { schemes, type Signature, signingItem, signingKeys } from "../../schemes/schemes.ts";

const claim = v.strictTuple([peerId, failureCode, list(peerId, maxSessionParty)]);
export const resultRecord = record("quorate/3/result", {
  /** The command's. */
  id: bytes(16),
  /** Empty until there was one. */
  attempt: bytesUpTo(32),
  session: bytesUpTo(32),
  /** The signatures of all items, in order, or a key's certificate; empty for a failure. */
  signatures: list(bytes(64), maxItems),
  certificate: bytesUpTo(maxCertificate),
  /** Empty for a success. */
  code: v.nullable(failureCode),
  culprits: list(peerId, maxSessionParty),
  missing: list(peerId, maxSessionParty),
  claims: list(claim, maxSessionParty),
  /** The items of a batch that the culprits have spoilt, where that may be told. */
  spoilt: list(uint, maxItems),
});
export type Result = ReturnType<typeof resultRecord.decode>;

const outcomeRecord = record("quorate/5/command-outcome", {
  /** The hash of what the command asks for: see `contentOf`. */
  content: bytes(32),
  /** The peer that carried the command out, by the word of who keeps this. */
  coordinator: peerId,
  /** The order, as it came: the signed command, and its items. */
  order: bytesUpTo(maxCommandFrame),
  /** Signed; empty as long as there is none. */
  result: bytesUpTo(maxCommandFrame),
  /** Of a session that failed, the preimage of its id: who coordinated it, and who took part. Empty for everything else. */
  preimage: bytesUpTo(maxPreimage),
});

/** A command under way at a node, and who carries it out. */
export interface UnderWay extends Order {
  readonly coordinator: PeerId;
}

/**
 * The signed result of a command, as it is kept with the order; without a result, the order alone.
 *
 * @param preimage Of a session that failed: see `encodePreimage`.
 */
export function encodeOutcome(
  { command, items }: Order,
  coordinator: PeerId,
  result: Uint8Array,
  preimage: Uint8Array = new Uint8Array(),
): Uint8Array {
  const order = encodeOrder({ signed: command.encoded, items });
  return outcomeRecord.encode({ content: contentOf(command.value), coordinator, order, result, preimage });
}

/** Reads an outcome, unchecked; null if it does not decode. */
export function readOutcome(outcome: Uint8Array): ReturnType<typeof outcomeRecord.decode> | null {
  try {
    return outcomeRecord.decode(outcome);
  } catch {
    return null; // whoever sent it counts as silent; of this node's own rows, it is of another version
  }
}

/** The signed result, if it is of a command that asks for exactly the same. */
export function resultFor(command: Command, outcome: Uint8Array): Uint8Array | null {
  const read = readOutcome(outcome);
  return read && equal(read.content, contentOf(command)) ? read.result : null;
}

/** The outcome of a command. */
export type CommandOutcome =
  | { kind: "sign"; signatures: readonly Uint8Array[] }
  | { kind: "generate" | "reshare"; row: KeyRow };

/** The hash of an outcome in the `done` event, 64 hex digits. */
export function resultHash(outcome: CommandOutcome): string {
  const { kind } = outcome;
  return sha256(
    kind === "sign" ? concatBytes(...outcome.signatures) : voteBody(outcome.row),
  ).toHex();
}

const none = new Uint8Array();
const nothing = {
  signatures: [],
  certificate: none,
  code: null,
  culprits: [],
  missing: [],
  claims: [],
  spoilt: [],
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
    const { code, culprits, missing, items } = outcome;
    return { code, culprits: [...culprits], missing: [...missing], claims, spoilt: [...items] };
  }
  if (outcome.kind === "sign") return { signatures: [...outcome.signatures] };
  return { certificate: encodeCertificate(outcome.row) };
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

/**
 * The items of a batch that culprits have spoilt, as a failure claims; none where it cannot know them, or must not
 * tell.
 */
export function spoiltIn(
  { code, culprits, spoilt }: Result,
  { scheme, itemCount }: Pick<Command, "scheme" | "itemCount">,
): readonly number[] {
  const known = code === "invalid-signature-share" && schemes[scheme].shares !== null &&
    culprits.length > 0 && itemCount > 1;
  return known && areSpoilt(spoilt, itemCount) ? spoilt : [];
}

/** The signatures that a result claims, if there is one of every item and all verify. */
export function signaturesIn(
  { vault }: Pick<Context, "vault">,
  { signatures }: Result,
  key: GroupKey,
  items: readonly SignItem[],
): readonly Uint8Array[] | null {
  if (signatures.length !== items.length) return null;
  const keys = signingKeys(key, items);
  const good = items.every((item, i) =>
    vault.verify(keys[i]!, signingItem(key.scheme, item).payload, signatures[i]!)
  );
  return good ? signatures : null;
}

/** The key that a result claims, and what its members must agree on (`same`); null if it does not decode. */
export function keyIn(result: Result): { row: KeyRow; same: string } | null {
  try {
    const row = decodeCertificate(result.certificate);
    return { row, same: voteBody(row).toHex() };
  } catch {
    return null; // no key: it does not count, and its member has failed
  }
}

/** The id of the key that an outcome is about. */
export function keyIdOf(outcome: CommandOutcome): SessionId {
  if (outcome.kind === "sign") throw new SessionError("internal");
  return outcome.row.session.toHex();
}

/** Reads the outcome of a key generation or of a resharing. */
export function asKey(outcome: CommandOutcome): GroupKey {
  if (outcome.kind === "sign") throw new SessionError("internal");
  return groupKey(outcome.row);
}

/** Reads the outcome of a signing command: a signature of each item, in all forms of its scheme. */
export function asSignatures<S extends Scheme>(
  key: GroupKey & { scheme: S },
  items: readonly SignItem[],
): (outcome: CommandOutcome) => Signature<S>[] {
  return (outcome) => {
    if (outcome.kind !== "sign") throw new SessionError("internal");
    const { scheme } = key;
    const keys = signingKeys(key, items);
    return items.map((item, i) => {
      const { publicKey } = keys[i]!;
      const { payload } = signingItem(scheme, item);
      return schemes[scheme].signatureOf(publicKey, payload, outcome.signatures[i]!) as Signature<S>;
    });
  };
}
