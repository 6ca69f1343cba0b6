/**
 * The checks of an invite that depend on the kind of its command: may this node take part with this key, now?
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import { isOf } from "../../../protocol/dealing.ts";
import { schemes } from "../../../schemes/schemes.ts";
import type { inviteRecord } from "../../../session/invite.ts";
import type { Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Bans } from "../../keys/bans.ts";
import type { FailedResharings } from "../../keys/epochs/failed_resharings.ts";
import type { Frozen } from "../../keys/frozen.ts";
import type { Keys } from "../../keys/keys.ts";
import { type Command, commandKey } from "../../records/command.ts";
import type { StoreHistory } from "../../rollback/store_history.ts";

type Invite = ReturnType<typeof inviteRecord.decode>;

/** The parts of a node that an invite is checked against. */
export interface KindChecks {
  readonly context: Pick<Context, "identity" | "clock">;
  readonly keys: Keys;
  readonly bans: Bans;
  readonly frozen: Frozen;
  readonly failedResharings: FailedResharings;
  readonly storeHistory: StoreHistory;
}

/** @throws {SessionError} The reason to decline. */
export function checkKind(parts: KindChecks, command: Signed<Command>, invite: Invite): void {
  const check = { generate: checkGenerate, reshare: checkReshare, sign: checkSign }[command.value.kind];
  check(parts, command, invite);
}

function checkGenerate(
  { keys, storeHistory }: KindChecks,
  { by, value: command }: Signed<Command>,
  { party, keyId, epoch }: Invite,
): void {
  if (party.join() !== command.members.join() || keyId.length > 0 || epoch !== 0) {
    throw new SessionError("session-mismatch");
  }
  storeHistory.check(party, null);
  keys.names.checkFree(command, commandKey(by, command.id));
}

/**
 * A key is dealt anew whatever its bans, and though it may be frozen: that ends both. A peer that holds no share of
 * it takes part too, to receive one, or to know what becomes of it.
 */
function checkReshare(
  { keys, storeHistory, failedResharings, context }: KindChecks,
  { by, value: command }: Signed<Command>,
  { party, keyId, epoch }: Invite,
): void {
  const row = keys.certified(command.keyId.toHex());
  if (!row) throw new SessionError("unknown-wallet");
  checkEpoch(keys, row, { command, keyId, epoch });
  const { wallet, scheme } = row.key!;
  if (wallet !== command.wallet || scheme !== command.scheme) throw new SessionError("session-mismatch");
  const { dealers, gone, members: recipients } = command;
  if (!isOf(row.key!, { dealers, recipients, gone }, party)) throw new SessionError("session-mismatch");
  if (dealers.includes(context.identity.peer) && row.share.length === 0) {
    throw new SessionError("unknown-wallet");
  }
  storeHistory.check(party, row);
  failedResharings.check(row.session.toHex(), context.clock.now());
  keys.names.checkHeld(command, commandKey(by, command.id));
  if (keys.rows.releasedTo(row.session).length > 0) throw new SessionError("wallet-busy");
}

function checkSign(
  { keys, bans, frozen, storeHistory }: KindChecks,
  { value: command }: Signed<Command>,
  { party, keyId, epoch }: Invite,
): void {
  keys.epochs.checkCurrent(command.keyId.toHex());
  const row = keys.own(command);
  if (!row) throw new SessionError("unknown-wallet");
  if (row.state === "pending") throw new SessionError("wallet-busy");
  checkEpoch(keys, row, { command, keyId, epoch });
  if (frozen.has(row.session.toHex())) throw new SessionError("key-frozen");
  bans.check(row);
  storeHistory.check(party, row);
  const chosen = command.signers.length === 0 || command.signers.join() === party.join();
  const members = new Set(row.key!.members);
  const tooMany = command.itemCount > schemes[command.scheme].mostItems(row.key!.threshold);
  if (
    tooMany || party.length !== row.key!.threshold || !chosen || !party.every((peer) => members.has(peer))
  ) {
    throw new SessionError("session-mismatch");
  }
  const banned = bans.of(row.session.toHex()).filter((peer) => party.includes(peer));
  if (banned.length > 0) throw new Apart("peer-banned", banned);
  const quarantined = frozen.quarantined(row.session.toHex()).filter((peer) => party.includes(peer));
  if (quarantined.length > 0) throw new Apart("pair-quarantined", quarantined);
}

/**
 * Checks that a command and its invite are about the latest epoch of a key that is known here.
 *
 * @throws {SessionError} `epoch-mismatch`
 */
function checkEpoch(
  keys: Keys,
  { session, key }: KeyRow,
  { command, keyId, epoch }: { command: Command; keyId: Uint8Array; epoch: number },
): void {
  const isNamed = equal(session, command.keyId) && equal(session, keyId);
  const isEpoch = key!.epoch === command.epoch && key!.epoch === epoch;
  if (!isNamed || !isEpoch || keys.epochs.isRetired(session.toHex())) {
    throw new SessionError("epoch-mismatch");
  }
}

/** A decline that names other members: the coordinator may find a party without that pair. */
export class Apart extends SessionError {
  readonly peers: readonly PeerId[];

  constructor(code: "peer-banned" | "pair-quarantined", peers: readonly PeerId[]) {
    super(code);
    this.peers = peers;
  }
}
