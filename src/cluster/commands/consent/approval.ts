/**
 * The approval of a command: the request that is shown to a person, a program or a rule, and who decides.
 * @module
 */
import type { DigestHash } from "../../../crypto/ecdsa_signature.ts";
import { InputError, SessionError } from "../../../errors.ts";
import type { Scheme, SessionId } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import type { PublicKeyPackage } from "../../../ports.ts";
import { payloadOf, schemes, signingKey, type SigningOptions } from "../../../schemes/schemes.ts";
import type { Order } from "../../records/command.ts";

/** The fields of every request. */
export interface RequestCommon {
  /** Id of the command, 32 hex digits. */
  id: string;
  /** The wallet's name. */
  wallet: string;
  /** The scheme of its key. */
  scheme: Scheme;
  /** The peer that asks. */
  initiator: PeerId;
  /** The initiator's own reason, up to 256 visible characters on one line; empty if it gives none. */
  note: string;
  /** The id that the initiator's application gave it, up to 64 visible characters; empty if it gives none. */
  reference: string;
  /** The peers that would take part, this node among them. */
  party: readonly PeerId[];
  /** The time until which an answer counts, ms since 1970. */
  expires: number;
}

/** A request for a signature. */
export interface SigningRequest extends RequestCommon {
  /** The kind of request. */
  kind: "sign";
  /** The key's id: the session that made it, 64 hex digits. Two keys can have one name. */
  keyId: SessionId;
  /** The message to be signed, 0 to 65,536 bytes; null if the initiator shows its digest alone. */
  message: Uint8Array | null;
  /** SHA-256 of the message, 32 bytes; null if there is none. */
  messageHash: Uint8Array | null;
  /** The digest that is signed, 32 bytes; null if the message itself is signed. */
  digest: Uint8Array | null;
  /**
   * The hash that makes the digest of the message, or made it according to the initiator; null if the message
   * itself is signed.
   */
  hash: DigestHash | null;
  /** The path of the child that signs; empty for the key itself. */
  path: readonly number[];
  /** The options of the scheme. */
  options: SigningOptions[Scheme];
  /** The key that the signature will verify under: the key itself, its child, or what the options make of it. */
  publicKey: Uint8Array;
}

/** A request for a new key. */
export interface GenerateRequest extends RequestCommon {
  /** The kind of request. */
  kind: "generate";
  /** The number of signers that the key would need. */
  threshold: number;
}

/** The request that a person, a program or a rule decides before this node takes part. */
export type ApprovalRequest = SigningRequest | GenerateRequest;

/** Decides whether this node takes part; the signal aborts when nobody waits for the answer any more. */
export type Approve = (
  request: ApprovalRequest,
  options: { signal: AbortSignal },
) => Promise<"accept" | "decline">;

/**
 * The approval of a node: `"roster"` accepts whatever the roster allows; `initiators` accepts these peers for
 * these wallets and declines everything else; a function decides each request.
 */
export type Approval =
  | "roster"
  | { readonly initiators: Readonly<Record<string, readonly PeerId[]>> }
  | Approve;

/** A command and the party that would carry it out. */
export interface Proposed extends Order {
  readonly party: readonly PeerId[];
  /** The key that is to sign; null for a key generation. */
  readonly key: PublicKeyPackage | null;
}

/** The request that is shown for a command. @throws {SessionError} `internal` if the key to sign with is missing. */
export function requestOf({ command: { by, value }, message, party, key }: Proposed): ApprovalRequest {
  const { kind, wallet, scheme, expires, threshold, hash, path, messageHash } = value;
  const { note, reference } = value;
  const common = { id: value.id.toHex(), wallet, scheme, initiator: by, note, reference, party, expires };
  if (kind === "generate") return { kind, ...common, threshold };
  if (key === null) throw new SessionError("internal");
  const plain = hash === "none";
  const hasMessage = messageHash.length > 0;
  return {
    kind,
    ...common,
    keyId: value.keyId.toHex(),
    path,
    options: schemes[scheme].optionsOf(value.options),
    publicKey: signingKey(key, value).publicKey,
    message: hasMessage ? message : null,
    messageHash: hasMessage ? messageHash : null,
    digest: plain ? null : payloadOf({ ...value, message }),
    hash: plain ? null : hash,
  };
}

/** @throws {InputError} `approve`, unless it says who decides. */
export function checkApproval(approve: Approval | undefined): Approval {
  const wanted = "expected “roster”, { initiators: { wallet: [peer, …] } } or a function";
  if (approve === "roster" || typeof approve === "function") return approve;
  const initiators = approve?.initiators;
  if (typeof initiators !== "object" || initiators === null) {
    throw new InputError("approve", `${wanted}, found ${approve === undefined ? "none" : "something else"}`);
  }
  for (const [wallet, peers] of Object.entries(initiators)) {
    if (!Array.isArray(peers) || peers.some((peer) => typeof peer !== "string")) {
      throw new InputError(
        `approve.initiators.${wallet}`,
        "expected a list of peer ids, found something else",
      );
    }
  }
  return approve!;
}
