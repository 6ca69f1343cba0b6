/**
 * The preimage of a session's id: the signed invite, which holds the signed command, and all signed accepts. Whoever
 * has it knows, without asking anybody, what a session was about, who asked for it, and who took part.
 * @module
 */
import { bytesUpTo, equal, list, record } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { maxCommandFrame, maxParties } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import { acceptRecord, attemptOf, inviteRecord, sessionOf } from "../../session/invite.ts";
import { readSigned, unverified } from "../../session/signed.ts";
import { checkThreshold, type Command, commandRecord } from "./command.ts";

const preimageRecord = record("quorate/2/preimage", {
  /** As the coordinator signed it. */
  invite: bytesUpTo(maxCommandFrame),
  /** As the members signed them, in the order of the party. */
  accepts: list(bytesUpTo(512), maxParties),
});

type Invite = ReturnType<typeof inviteRecord.decode>;

/** What a session's id stands for, all of it signed by who says it. */
export interface Preimage {
  /** 32 bytes. */
  readonly session: Uint8Array;
  /** 32 bytes. */
  readonly attempt: Uint8Array;
  readonly command: Command;
  /** Who signed the command. */
  readonly initiator: PeerId;
  /** The coordinator's. */
  readonly invite: Invite;
  /** Sorted; each has signed an accept. */
  readonly party: readonly PeerId[];
}

/** The preimage as it is kept and sent. */
export function encodePreimage(signedInvite: Uint8Array, signedAccepts: readonly Uint8Array[]): Uint8Array {
  return preimageRecord.encode({ invite: signedInvite, accepts: [...signedAccepts] });
}

/** Reads a preimage and checks every signature in it; null if it is not one, also one of another version. */
export async function readPreimage(
  identity: Pick<Identity, "verify">,
  encoded: Uint8Array,
): Promise<Preimage | null> {
  const read = decoded(encoded);
  const invite = read && await readSigned(identity, inviteRecord, read.invite);
  const command = invite && await readSigned(identity, commandRecord, invite.value.command);
  if (!read || !invite || !command || command.value.coordinator !== invite.by) return null;
  const { party } = invite.value;
  if (!isSorted(party) || !isMeantBy(command.value, invite.value)) return null;
  const attempt = attemptOf(invite.encoded);
  if (read.accepts.length !== party.length) return null;
  const accepts = await Promise.all(read.accepts.map((accept) => readSigned(identity, acceptRecord, accept)));
  if (!accepts.every((one, i) => one?.by === party[i] && equal(one!.value.attempt, attempt))) return null;
  const session = sessionOf(invite.encoded, read.accepts);
  return { session, attempt, command: command.value, initiator: command.by, invite: invite.value, party };
}

/** The hash of the roster that a preimage names, nothing of which is checked; null if it does not decode. */
export function rosterIn(encoded: Uint8Array): Uint8Array | null {
  const read = decoded(encoded);
  return (read && unverified(inviteRecord, read.invite)?.value.rosterHash) ?? null;
}

function decoded(encoded: Uint8Array): ReturnType<typeof preimageRecord.decode> | null {
  try {
    return preimageRecord.decode(encoded);
  } catch {
    return null; // the caller says what follows
  }
}

/** Each once, in the order that all agree on. */
const isSorted = (party: readonly PeerId[]) => party.every((peer, i) => i === 0 || party[i - 1]! < peer);

/** Whether an invite is one for this command: the members that it names, and the key. */
function isMeantBy(command: Command, { party, key, epoch }: Invite): boolean {
  if (!equal(key, command.key)) return false;
  if (command.kind === "sign") {
    return key.length === 32 && (command.signers.length === 0 || command.signers.join() === party.join());
  }
  try {
    checkThreshold(command.threshold, party.length);
  } catch {
    return false; // no such key can be made
  }
  return key.length === 0 && epoch === 0 && command.members.join() === party.join();
}
