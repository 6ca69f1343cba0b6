/**
 * The approval of a command: the request that is shown to a person, a program or a rule, and who decides.
 * @module
 */
import type { ClaimedHash } from "../../../crypto/ecdsa/signature.ts";
import { InputError, SessionError } from "../../../errors.ts";
import type { CommandId, Scheme, SessionId } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import type { PublicKeyPackage } from "../../../ports.ts";
import type { SignItem } from "../../../schemes/scheme.ts";
import { schemes, signingItem, signingKeys, type SigningOptions } from "../../../schemes/schemes.ts";
import type { PairRefusal, Refusals } from "../../keys/refusals.ts";
import type { Order } from "../../records/command.ts";

/** The fields of every request. */
export interface RequestCommon {
  /** Id of the command, 32 hex digits. */
  id: CommandId;
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
  /** The items to be signed, in order: all of them or none, 1 to 256. */
  items: readonly RequestedItem[];
}

/** One item that is to be signed. */
export interface RequestedItem {
  /** The message to be signed, 0 to 65,536 bytes; null if the initiator shows its digest alone. */
  message: Uint8Array | null;
  /** The digest that is signed, 32 bytes; null if the message itself is signed. */
  digest: Uint8Array | null;
  /**
   * The hash that makes the digest of the message, or made it according to the initiator, `other` being one that is
   * unknown here; null if the message itself is signed.
   */
  hash: ClaimedHash | null;
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

/** A request to deal a key anew: the key and its addresses stay, its holders and their shares change. */
export interface ReshareRequested extends RequestCommon {
  /** The kind of request. */
  kind: "reshare";
  /** The id of the key's epoch now: the session that made it, 64 hex digits. */
  keyId: SessionId;
  /** The epoch now; the next one is to be made. */
  epoch: number;
  /** The number of signers that the key needs now, and its members. */
  before: { readonly threshold: number; readonly members: readonly PeerId[] };
  /** The number of signers that it would need. */
  threshold: number;
  /** The members that it would have. */
  members: readonly PeerId[];
  /** The members now whose shares are used. */
  dealers: readonly PeerId[];
  /** The members now that take no part: their shares stay until they erase them. */
  gone: readonly PeerId[];
  /**
   * The members now that do not sign together, this node's own refusals first: a new epoch begins without. Those of
   * others are their word.
   */
  refusals: readonly PairRefusal[];
  /** True if this node has frozen the key: a new epoch begins without that too. */
  frozen: boolean;
}

/** The request that a person, a program or a rule decides before this node takes part. */
export type ApprovalRequest = SigningRequest | GenerateRequest | ReshareRequested;

/** Decides whether this node takes part; the signal aborts when nobody waits for the answer any more. */
export type Approve = (
  request: ApprovalRequest,
  options: { signal: AbortSignal },
) => Promise<"accept" | "decline">;

/**
 * The approval of a node: `"roster"` accepts whatever the roster allows; `initiators` accepts these peers for
 * these wallets and declines everything else, and `managers` does so for those who deal a wallet's keys anew, which a
 * rule for signatures never covers; a function decides each request.
 */
export type Approval =
  | "roster"
  | {
    readonly initiators: Readonly<Record<string, readonly PeerId[]>>;
    readonly managers?: Readonly<Record<string, readonly PeerId[]>>;
  }
  | Approve;

/** A command and the party that would carry it out. */
export interface Proposed extends Order, Refusals {
  readonly party: readonly PeerId[];
  /** The key that is to sign, or to be dealt anew; null for a key generation. */
  readonly key: PublicKeyPackage | null;
}

/** The request that is shown for a command. @throws {SessionError} `internal` if the key to sign with is missing. */
export function requestOf(
  { command: { by, value }, items, party, key, refusals, frozen }: Proposed,
): ApprovalRequest {
  const { kind, wallet, scheme, expires, threshold, note, reference } = value;
  const common = { id: value.id.toHex(), wallet, scheme, initiator: by, note, reference, party, expires };
  if (kind === "generate") return { kind, ...common, threshold };
  if (key === null) throw new SessionError("internal");
  const keyId = value.keyId.toHex();
  if (kind === "reshare") {
    const { members, dealers, gone, epoch } = value;
    const before = { threshold: key.threshold, members: key.members };
    return { kind, ...common, keyId, epoch, before, threshold, members, dealers, gone, refusals, frozen };
  }
  const keys = signingKeys(key, items);
  return {
    kind,
    ...common,
    keyId,
    items: items.map((item, i) => requestedItem(scheme, item, keys[i]!.publicKey)),
  };
}

function requestedItem(scheme: Scheme, item: SignItem, publicKey: Uint8Array): RequestedItem {
  const { message, digest, hash, path, options } = item;
  const plain = hash === "none";
  return {
    // Copies: whoever decides must not change what is signed.
    message: digest.length > 0 ? null : message.slice(),
    digest: plain ? null : signingItem(scheme, item).payload.slice(),
    hash: plain ? null : hash,
    path: [...path],
    options: schemes[scheme].optionsOf(options),
    publicKey,
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
  checkPeersByWallet("approve.initiators", initiators);
  checkPeersByWallet("approve.managers", approve!.managers ?? {});
  return approve!;
}

/** @throws {InputError} */
function checkPeersByWallet(field: string, named: Readonly<Record<string, readonly PeerId[]>>): void {
  for (const [wallet, peers] of Object.entries(named)) {
    if (!Array.isArray(peers) || peers.some((peer) => typeof peer !== "string")) {
      throw new InputError(`${field}.${wallet}`, "expected a list of peer ids, found something else");
    }
  }
}
