/**
 * The checks of a command: may it be carried out now, under this roster?
 * @module
 */
import { InputError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { clockSkew, maxCommandAge } from "../../limits.ts";
import { checkFields } from "../../schemes/schemes.ts";
import type { Command, Order } from "../records/command.ts";
import { checkKeyName, checkThreshold } from "../records/key_name.ts";
import { checkRemarks } from "../records/remarks.ts";
import { rightFor } from "../records/rights.ts";
import type { Roster } from "../roster/roster.ts";

/**
 * @returns The peers in order.
 * @throws {InputError} `field`, unless each occurs once and is a holder of the roster.
 */
export function checkPeers(field: string, peers: readonly PeerId[], roster: Roster): PeerId[] {
  const holders = new Set(
    roster.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer),
  );
  const known = new Set<PeerId>();
  for (const peer of peers) {
    if (known.has(peer)) throw new InputError(field, `expected every peer once, found ${peer} twice`);
    if (!holders.has(peer)) throw new InputError(field, `expected holders of the roster, found ${peer}`);
    known.add(peer);
  }
  return [...peers].sort();
}

/** @throws {InputError} Naming the first field of a signature that a command for a new key has. */
function checkNothingToSign(command: Command): void {
  for (const field of ["keyId", "messageHash", "digest", "path", "options"] as const) {
    if (command[field].length > 0) throw new InputError(field, "expected none for a new key, found one");
  }
  if (command.epoch !== 0) throw new InputError("epoch", `expected 0 for a new key, found ${command.epoch}`);
}

/**
 * Checks that a command may be carried out at this moment and under this roster. The caller has checked its
 * signature, and that `message` is the message that it was signed for.
 *
 * @param now Wall time, ms.
 * @throws {SessionError} `not-authorized`; `clock-skew` for a command of another time, which is new, because
 * an old one would be known; `expired`, `session-mismatch` for a command that contradicts itself.
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
    checkRemarks(command);
    checkPeers("coordinators", command.coordinators, roster);
    if (command.kind === "generate") {
      checkThreshold(command.threshold, command.members.length);
      checkPeers("members", command.members, roster);
      checkNothingToSign(command);
    } else {
      checkPeers("signers", command.signers, roster);
      if (command.keyId.length !== 32) {
        throw new InputError("keyId", `expected the id of a key, 32 bytes, found ${command.keyId.length}`);
      }
      if ((command.messageHash.length > 0) === (command.digest.length > 0)) {
        throw new InputError("digest", "expected the hash of a message or a digest, found both or none");
      }
      checkFields(command.scheme, { ...command, message });
    }
  } catch (cause) {
    throw new SessionError("session-mismatch", { cause });
  }
}
