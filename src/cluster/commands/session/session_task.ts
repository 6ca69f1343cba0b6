/**
 * The vault's task in a session, made when everything that must be on disk before it is there.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { readPair } from "../../../keystore/pair_rows.ts";
import type { Task } from "../../../ports.ts";
import { payloadOf, schemes } from "../../../schemes/schemes.ts";
import { commandKey } from "../../records/command.ts";
import type { Opening, SessionsOptions } from "./opening.ts";
import type { RunningSession } from "./running_sessions.ts";

/**
 * @returns The task, or the reason why this node cannot take part after all. That ends the session once the streams are
 * open, so that the other members learn the reason.
 * @throws {SessionError} `replayed-command`: a repeated go opens nothing.
 */
export async function prepareTask(
  options: SessionsOptions,
  opening: Opening,
  roundMs: number,
  running: RunningSession,
): Promise<Task | SessionError> {
  const { command, initiator, session } = opening;
  try {
    await options.replayGuard.add(commandKey(initiator, command.id), command.expires);
    if (command.kind === "generate") await options.keys.rows.begin(session);
    return await taskOf(options, opening, roundMs, running);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code === "replayed-command") throw error;
    return error;
  }
}

/**
 * @throws {SessionError} `unknown-wallet` if there is no share to sign with, `key-frozen`, `peer-banned`,
 * `pair-quarantined`, `share-corrupt`, `store-failed`.
 */
async function taskOf(
  { context: { identity, rows }, keys, bans, frozen }: SessionsOptions,
  { command, message, party, session }: Opening,
  roundMs: number,
  running: RunningSession,
): Promise<Task> {
  const { wallet, scheme, threshold, path } = command;
  const self = identity.peer;
  const common = { session, self, party, scheme, wallet, roundMs };
  if (command.kind === "generate") return { ...common, kind: "generate", threshold, epoch: 1 };
  const row = keys.own(command);
  if (row?.state !== "active") throw new SessionError("unknown-wallet");
  running.key = row; // from here on a freeze ends the session
  if (frozen.has(row.session.toHex())) throw new SessionError("key-frozen");
  const pairs = new Map<PeerId, Uint8Array>();
  for (const peer of schemes[scheme].pairwise ? party : []) {
    if (peer === self) continue;
    const sealed = await readPair(rows, row.session, peer).catch((cause) => {
      throw new SessionError("store-failed", { cause });
    });
    if (bans.has(row.session.toHex(), peer)) throw new SessionError("peer-banned");
    if (frozen.has(row.session.toHex(), peer)) throw new SessionError("pair-quarantined");
    if (sealed === null) throw new SessionError("share-corrupt");
    pairs.set(peer, sealed);
  }
  const { share, key } = row;
  return {
    ...common,
    kind: "sign",
    keyId: row.session,
    share,
    key: key!,
    pairs,
    path,
    message: payloadOf({ ...command, message }),
  };
}
