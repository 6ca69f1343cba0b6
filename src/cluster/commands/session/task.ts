/**
 * The task of an invite: what a node draws its first round for, and runs once all have accepted.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import { type Limits, roundShare, setupMsPerPair } from "../../../limits.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import type { Task } from "../../../ports.ts";
import type { PeerId } from "../../../failure.ts";
import { payloadOf, schemes } from "../../../schemes/schemes.ts";
import type { Command } from "../../records/command.ts";
import type { Invited } from "../invitation.ts";

export interface TaskOptions {
  readonly invited: Pick<Invited, "attempt" | "command" | "invite" | "message">;
  readonly self: PeerId;
  readonly limits: Limits;
  /** The key to sign with; undefined for a key generation. */
  readonly row: KeyRow | undefined;
}

/** @throws {SessionError} `unknown-wallet` if there is no share to sign with. */
export function taskOf({ invited, self, limits, row }: TaskOptions): Task {
  const { attempt, command: { value: command }, invite: { value: { party } }, message } = invited;
  const { wallet, scheme, threshold, path, options } = command;
  const common = { attempt, self, party, scheme, wallet, roundMs: roundMsOf(command, limits) };
  if (command.kind === "generate") return { ...common, kind: "generate", threshold, epoch: 1 };
  if (row?.state !== "active") throw new SessionError("unknown-wallet");
  return {
    ...common,
    kind: "sign",
    keyId: row.session,
    share: row.share,
    key: row.key!,
    path,
    options,
    message: payloadOf({ ...command, message }),
  };
}

/** The time that a session may take, ms. */
export function totalMsOf({ kind, scheme, members }: Command, { signMs, generateMs }: Limits): number {
  if (kind === "sign") return signMs;
  return generateMs + (schemes[scheme].pairwise ? setupMsPerPair * (members.length - 1) : 0);
}

/** The time that each of its rounds may take, ms. */
export const roundMsOf = (command: Command, limits: Limits): number =>
  totalMsOf(command, limits) * roundShare;
