/**
 * What an initiator asks of the cluster, every field of it signed.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, hash, list, peerId, record, text, uint } from "../../crypto/codec.ts";
import { longestWalletName } from "../../crypto/codec.ts";
import { maxDepth } from "../../crypto/bip32.ts";
import type { Curve, SessionId } from "../../events.ts";
import { InputError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { clockSkew, maxCommandAge, maxParties } from "../../limits.ts";
import type { Signed } from "../../session/signed.ts";
import { wrongName } from "../../text/name.ts";
import type { Right, Roster } from "../roster/roster.ts";
import { checkAsked, type SignInput } from "./signing.ts";
import type { SessionFacts } from "../events/event_log.ts";

export const curves = ["ed25519", "secp256k1"] as const satisfies readonly Curve[];

export const commandRecord = record("quorate/2/command", {
  /** 16 random bytes; in hex the id of the handle and of every event. */
  id: bytes(16),
  cluster: peerId,
  kind: v.picklist(["generate", "sign"]),
  wallet: text(64),
  curve: v.picklist(curves),
  /** The key that is to be used: the session that made it, 32 bytes; empty for a key generation. */
  key: bytesUpTo(32),
  /** For a key generation; 0 otherwise. */
  threshold: uint,
  /** For a key generation, sorted; empty otherwise. */
  members: list(peerId, maxParties),
  /** Who is to sign, sorted; empty: whoever is ready. */
  signers: list(peerId, maxParties),
  /** SHA-256 of what is to be signed, which travels beside the command; empty where there is no message. */
  messageHash: bytesUpTo(32),
  /** In its stead, for ECDSA: 32 bytes. */
  digest: bytesUpTo(32),
  /** What made the digest, or makes it of the message. */
  hash: v.picklist(["none", "sha256", "sha256d", "keccak256"]),
  /** Of the child that signs; empty for the key itself. */
  path: list(uint, maxDepth),
  coordinator: peerId,
  /** Wall time of the initiator, ms. */
  created: uint,
  expires: uint,
});

export type Command = ReturnType<typeof commandRecord.decode>;

/**
 * What a command is known by at whoever carries it out, 32 hex digits: its id is its initiator's to choose, and everybody
 * hears of it while people think, so that in another's command the same id is another command.
 */
export function commandKey(initiator: PeerId, id: Uint8Array): string {
  return hash("quorate/2/command-key", initiator, id).subarray(0, 16).toHex();
}

/** What every event of a command says of it, before there is an attempt. */
export function factsOf(initiator: PeerId, { id, kind, wallet, curve }: Command): SessionFacts {
  const story = commandKey(initiator, id);
  return { story, id: id.toHex(), initiator, attempt: null, session: null, kind, wallet, curve };
}

/** Of every field of a command: of one initiator and one id there may be two contents, and only one is carried out. */
export function contentOf(command: Command): Uint8Array {
  return hash("quorate/2/command-content", commandRecord.encode(command));
}

/** The right that it takes to ask for each kind of command. */
export const rightFor = { generate: "manager", sign: "initiator" } as const satisfies Record<
  Command["kind"],
  Right
>;

/** A signed command and the message that is to be signed, which travels beside it. */
export interface Order {
  readonly command: Signed<Command>;
  /** 0 to 65,536 bytes; empty also for a key generation, or where only a digest is known. */
  readonly message: Uint8Array;
}

/** What a person asks for, before it is a command. */
export interface KeyName {
  /** 1 to 64 visible characters, composed (NFC); see `text/name.ts`. */
  wallet: string;
  /** A wallet has at most one key for each. */
  curve: Curve;
}
/** A key that is there. */
export interface KeyChoice extends KeyName {
  /** Its id: the session that made it, 64 hex digits. Only needed where two keys have one name. */
  key?: SessionId;
}
/** A key that is to be made. */
export interface KeyRequest extends KeyName {
  /** So many sign: 2 to the number of members. */
  threshold: number;
  /** Default: every holder of the roster. */
  members?: readonly PeerId[];
}
/** What is to be signed, and with which key. */
export type SignRequest = KeyChoice & SignInput & {
  /** Non-hardened indices (BIP-32) of a child that signs instead; for ed25519 see the notes of `childKey`. */
  path?: readonly number[];
  /** Exactly as many as the threshold. Default: whoever is ready. */
  signers?: readonly PeerId[];
};

/** @throws {InputError} Naming the field and what was found. */
export function checkKeyName({ wallet, curve }: KeyName): void {
  const wrong = wrongName(wallet, longestWalletName);
  if (wrong !== null) throw new InputError("wallet", wrong);
  if (!curves.includes(curve)) {
    throw new InputError("curve", `expected ${curves.join(" or ")}, found ${String(curve)}`);
  }
}

/** Sorted, each once, each a holder of the roster. @throws {InputError} */
export function checkPeers(field: string, peers: readonly PeerId[], roster: Roster): PeerId[] {
  const holders = new Set(
    roster.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer),
  );
  const seen = new Set<PeerId>();
  for (const peer of peers) {
    if (seen.has(peer)) throw new InputError(field, `expected every peer once, found ${peer} twice`);
    if (!holders.has(peer)) throw new InputError(field, `expected holders of the roster, found ${peer}`);
    seen.add(peer);
  }
  return [...peers].sort();
}

/** @throws {InputError} */
export function checkThreshold(threshold: number, members: number): void {
  if (members < 2 || members > maxParties) {
    throw new InputError("members", `expected 2 to ${maxParties}, found ${members}`);
  }
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > members) {
    throw new InputError("threshold", `expected 2 to ${members}, found ${threshold}`);
  }
}

/**
 * Whether a command may be carried out, at this moment and under this roster. Its signature has been checked, and that
 * `message` is the one that it was signed for.
 *
 * @throws {SessionError} `not-authorized`; `clock-skew` for one of another time: it is new, or it would be known;
 * `expired`, `session-mismatch` for one that cannot be meant so.
 */
export function checkCommand(
  { command: { value: command, by: initiator }, message }: Order,
  roster: Roster,
  now: number,
): void {
  const rights = roster.peers.find(({ peer }) => peer === initiator)?.rights ?? [];
  if (!rights.includes(rightFor[command.kind]) || command.cluster !== roster.cluster) {
    throw new SessionError("not-authorized");
  }
  if (command.expires < now - clockSkew || command.created > now + clockSkew) {
    throw new SessionError("clock-skew");
  }
  if (command.expires - command.created > maxCommandAge || command.expires < command.created) {
    throw new SessionError("expired");
  }
  try {
    checkKeyName(command);
    if (command.kind === "generate") {
      checkThreshold(command.threshold, command.members.length);
      checkPeers("members", command.members, roster);
      if (command.key.length > 0) throw new InputError("key", "expected none for a new key, found one");
    } else {
      checkPeers("signers", command.signers, roster);
      if (command.key.length !== 32) {
        throw new InputError("key", `expected the id of a key, 32 bytes, found ${command.key.length}`);
      }
      if ((command.messageHash.length > 0) === (command.digest.length > 0)) {
        throw new InputError("digest", "expected the hash of a message or a digest, found both or none");
      }
      checkAsked(command.curve, { ...command, message });
    }
  } catch (cause) {
    throw new SessionError("session-mismatch", { cause });
  }
}
