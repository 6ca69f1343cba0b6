/**
 * The checks of a command: may it be carried out now, under this roster?
 * @module
 */
import { InputError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { clockSkew, maxCommandAge } from "../../limits.ts";
import type { Command, Order } from "../records/command.ts";
import { checkItems } from "../records/items.ts";
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

/** The fields that a command of each kind leaves empty, or 0: they belong to other kinds. */
const unusedBy = {
  generate: ["keyId", "epoch", "signers", "dealers", "gone", "itemCount", "itemsHash"],
  reshare: ["signers", "itemCount", "itemsHash"],
  sign: ["threshold", "members", "dealers", "gone"],
} as const satisfies Record<Command["kind"], readonly (keyof Command)[]>;

/** @throws {InputError} Naming the first field of another kind of command. */
function checkUnused(command: Command): void {
  for (const field of unusedBy[command.kind]) {
    const value = command[field];
    const found = typeof value === "number" ? value : value.length;
    if (found !== 0) throw new InputError(field, `expected none to ${command.kind}, found ${found}`);
  }
}

/** Checks the peers of a resharing as far as its command shows them. @throws {InputError} */
function checkResharing(command: Command, roster: Roster): void {
  const { members, dealers, gone, threshold, keyId } = command;
  checkThreshold(threshold, members.length);
  checkSorted("members", members, roster);
  checkSorted("dealers", dealers, roster);
  const isOnce = gone.every((peer, i) => i === 0 || gone[i - 1]! < peer);
  const takesPart = gone.find((peer) => members.includes(peer) || dealers.includes(peer));
  if (!isOnce || takesPart !== undefined) {
    throw new InputError(
      "gone",
      `expected peers in order that take no part, found ${takesPart ?? "another order"}`,
    );
  }
  checkKeyId(keyId);
}

/** @throws {InputError} Unless the peers are holders of the roster, in order. */
function checkSorted(field: string, peers: readonly PeerId[], roster: Roster): void {
  if (checkPeers(field, peers, roster).join() !== peers.join()) {
    throw new InputError(field, "expected the peers in order, found another order");
  }
}

/** @throws {InputError} `keyId` */
function checkKeyId(keyId: Uint8Array): void {
  if (keyId.length === 32) return;
  throw new InputError("keyId", `expected the id of a key, 32 bytes, found ${keyId.length}`);
}

/**
 * Checks that a command may be carried out at this moment and under this roster. The caller has checked its
 * signature, and that it was signed for these items.
 *
 * @param now Wall time, ms.
 * @throws {SessionError} `not-authorized`; `clock-skew` for a command of another time, which is new, because
 * an old one would be known; `expired`, `session-mismatch` for a command that contradicts itself.
 */
export function checkCommand(
  { command: { value: command, by: initiator }, items }: Order,
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
    checkUnused(command);
    if (command.kind === "generate") {
      checkThreshold(command.threshold, command.members.length);
      checkPeers("members", command.members, roster);
    } else if (command.kind === "reshare") {
      checkResharing(command, roster);
    } else {
      checkPeers("signers", command.signers, roster);
      checkKeyId(command.keyId);
      checkItems(command.scheme, items);
    }
  } catch (cause) {
    throw new SessionError("session-mismatch", { cause });
  }
}
