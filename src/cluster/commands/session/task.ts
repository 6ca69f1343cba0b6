/**
 * The task of an invite: what a node draws its first round for, and runs once all have accepted.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import { itemMs, itemMsPerPair, type Limits, roundShare, setupMsPerPair } from "../../../limits.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import type { Task } from "../../../ports.ts";
import type { PeerId } from "../../../failure.ts";
import { schemes, signingItem } from "../../../schemes/schemes.ts";
import type { Command } from "../../records/command.ts";
import type { Invited } from "../invitation.ts";

export interface TaskOptions {
  readonly invited: Pick<Invited, "attempt" | "command" | "invite" | "items">;
  readonly self: PeerId;
  readonly limits: Limits;
  /** The row of the key that signs, or is dealt anew; undefined for a key generation. */
  readonly row: KeyRow | undefined;
}

/** @throws {SessionError} `unknown-wallet` if there is no share to sign with. */
export function taskOf({ invited, self, limits, row }: TaskOptions): Task {
  const { attempt, command: { value: command }, invite: { value: { party } }, items } = invited;
  const { wallet, scheme, threshold } = command;
  const common = { attempt, self, party, scheme, wallet, roundMs: roundMsOf({ command, party }, limits) };
  if (command.kind === "generate") return { ...common, kind: "generate", threshold, epoch: 1 };
  if (row?.state !== "active") throw new SessionError("unknown-wallet");
  if (command.kind === "reshare") {
    const { members: recipients, dealers, gone } = command;
    const deals = dealers.includes(self);
    if (deals && row.share.length === 0) throw new SessionError("unknown-wallet");
    const dealing = { threshold, epoch: row.key!.epoch + 1, dealers, recipients, gone };
    return {
      ...common,
      kind: "reshare",
      keyId: row.session,
      key: row.key!,
      ...dealing,
      share: deals ? row.share : null,
    };
  }
  return {
    ...common,
    kind: "sign",
    keyId: row.session,
    share: row.share,
    key: row.key!,
    items: items.map((item) => signingItem(scheme, item)),
  };
}

/** The multiplications that each of a party makes for a command: none in a scheme without pairs. */
export const multiplicationsOf = (
  { scheme, itemCount }: Pick<Command, "scheme" | "itemCount">,
  party: readonly PeerId[],
): number => schemes[scheme].pairwise ? itemCount * (party.length - 1) : 0;

/** A command, and the party that carries it out. */
interface CarriedOut {
  readonly command: Pick<Command, "kind" | "scheme" | "itemCount">;
  readonly party: readonly PeerId[];
}

/** The time that a session may take, ms. */
export function totalMsOf({ command, party }: CarriedOut, { signMs, generateMs }: Limits): number {
  const { kind, scheme, itemCount } = command;
  const pairs = schemes[scheme].pairwise ? party.length - 1 : 0;
  if (kind !== "sign") return generateMs + setupMsPerPair * pairs;
  return signMs + furtherItemsMs(itemCount, pairs);
}

/** The time for the items of a signature after the first, ms. @param pairs The other signers that multiply. */
export const furtherItemsMs = (itemCount: number, pairs: number): number =>
  (itemCount - 1) * (itemMs + itemMsPerPair * pairs);

/** The time that each of its rounds may take, ms. */
export const roundMsOf = (carriedOut: CarriedOut, limits: Limits): number =>
  totalMsOf(carriedOut, limits) * roundShare;
