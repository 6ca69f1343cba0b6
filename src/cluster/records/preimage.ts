/**
 * The preimage of a session's id: the signed invite, which contains the signed command, and all signed
 * accepts. It proves, without any further question, what a session was about, who asked for it, and who took
 * part.
 * @module
 */
import { bytesUpTo, equal, list, record } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { maxAccept, maxCommandFrame, maxSessionParty } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import {
  type Attempt,
  attemptOf,
  firstRoundOf,
  inviteRecord,
  readAccepts,
  sessionOf,
} from "../../session/invite.ts";
import { readSigned, unverified } from "../../session/signed.ts";
import { type Command, commandRecord } from "./command.ts";
import { checkThreshold } from "./key_name.ts";

const preimageRecord = record("quorate/3/preimage", {
  /** The invite as the coordinator signed it. */
  invite: bytesUpTo(maxCommandFrame),
  /** The accepts as the members signed them, in the order of the party. */
  accepts: list(bytesUpTo(maxAccept), maxSessionParty),
});

type Invite = ReturnType<typeof inviteRecord.decode>;

/** The preimage of a session's id. Each part is signed by its author. */
export interface Preimage extends Attempt {
  /** 32 bytes. */
  readonly session: Uint8Array;
  readonly command: Command;
  /** The peer that signed the command. */
  readonly initiator: PeerId;
  /** The content of the invite. */
  readonly invited: Invite;
  /** Everyone's first round, from the accepts. */
  readonly firstRound: ReadonlyMap<PeerId, Uint8Array>;
}

/** A preimage as it is kept and sent. */
export function encodePreimage(signedInvite: Uint8Array, signedAccepts: readonly Uint8Array[]): Uint8Array {
  return preimageRecord.encode({ invite: signedInvite, accepts: [...signedAccepts] });
}

/** Reads a preimage and checks every signature in it; null if it is no valid preimage of this version. */
export async function readPreimage(
  identity: Pick<Identity, "verify">,
  encoded: Uint8Array,
): Promise<Preimage | null> {
  const read = decoded(encoded);
  const invite = read && await readSigned(identity, inviteRecord, read.invite);
  const command = invite && await readSigned(identity, commandRecord, invite.value.command);
  if (!read || !invite || !command || !command.value.coordinators.includes(invite.by)) return null;
  const { party } = invite.value;
  if (!isSorted(party) || !isMeantBy(command.value, invite.value)) return null;
  const attempt = attemptOf(invite.encoded);
  const accepts = await readAccepts(identity, read.accepts, { attempt, party });
  if (accepts === null) return null;
  return {
    session: sessionOf(invite.encoded, read.accepts),
    attempt,
    command: command.value,
    initiator: command.by,
    coordinator: invite.by,
    invite: invite.encoded,
    invited: invite.value,
    party,
    firstRound: firstRoundOf(accepts),
  };
}

/** The hash of the roster that a preimage names, without any check; null if it does not decode. */
export function rosterIn(encoded: Uint8Array): Uint8Array | null {
  const read = decoded(encoded);
  return (read && unverified(inviteRecord, read.invite)?.value.rosterHash) ?? null;
}

function decoded(encoded: Uint8Array): ReturnType<typeof preimageRecord.decode> | null {
  try {
    return preimageRecord.decode(encoded);
  } catch {
    return null; // the caller decides what follows
  }
}

/** Whether a party is sorted, with no peer twice. */
const isSorted = (party: readonly PeerId[]) => party.every((peer, i) => i === 0 || party[i - 1]! < peer);

/** Whether an invite fits its command: the same members, the same key and its epoch. */
function isMeantBy(command: Command, { party, keyId, epoch }: Invite): boolean {
  if (!equal(keyId, command.keyId) || epoch !== command.epoch) return false;
  if (command.kind === "sign") {
    return keyId.length === 32 && (command.signers.length === 0 || command.signers.join() === party.join());
  }
  try {
    checkThreshold(command.threshold, command.members.length);
  } catch {
    return false; // no such key can be made
  }
  if (command.kind === "reshare") {
    // The holders of the old epoch are in the party too: whoever has its certificate knows which.
    return keyId.length === 32 && epoch > 0 && command.members.every((peer) => party.includes(peer)) &&
      command.dealers.every((peer) => party.includes(peer)) && !command.gone.some((peer) =>
        party.includes(peer)
      );
  }
  return keyId.length === 0 && epoch === 0 && command.members.join() === party.join();
}
