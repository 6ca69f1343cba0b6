/**
 * What an operator may say of a key that never became active.
 * @module
 */
import { checkKeyName, type KeyName } from "../records/command.ts";
import type { Keys, UnfinishedKey } from "./keys.ts";
import type { SessionId } from "../../events.ts";
import { InputError } from "../../errors.ts";

/** See `QuorateNode.giveUp`. */
export async function giveUp(keys: Keys, key: KeyName | Pick<UnfinishedKey, "session">): Promise<void> {
  if ("session" in key) {
    const row = keys.unfinished().find(({ session }) => session.toHex() === key.session);
    if (row?.state !== "pending") {
      throw new InputError("session", `expected that of a pending key, found ${key.session}`);
    }
    return await keys.giveUp(row.session);
  }
  checkKeyName(key);
  const row = keys.own(key);
  if (row?.state !== "pending") {
    const found = row?.state ?? keys.named(key)[0]?.state ?? "none of that name";
    throw new InputError("wallet", `expected a pending key, found ${found}`);
  }
  await keys.giveUp(row.session);
}

/** See `QuorateNode.eraseGivenUp`. */
export async function eraseGivenUp(keys: Keys, session: SessionId): Promise<void> {
  if (!keys.givenUp().some((key) => key.session === session)) {
    throw new InputError("session", `expected that of a key that was given up, found ${session}`);
  }
  await keys.erase(Uint8Array.fromHex(session));
}
