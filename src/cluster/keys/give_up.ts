/**
 * The operator's command to give up a key that never became active.
 * @module
 */
import { checkKeyName, type KeyName } from "../records/key_name.ts";
import type { UnfinishedKey } from "./group_key.ts";
import type { Keys } from "./keys.ts";
import type { SessionId } from "../../events.ts";
import { InputError } from "../../errors.ts";

/** See `QuorateNode.giveUp`. */
export async function giveUp(keys: Keys, key: KeyName | Pick<UnfinishedKey, "session">): Promise<void> {
  if ("session" in key) {
    const row = keys.rows.unfinished().find(({ session }) => session.toHex() === key.session);
    if (row?.state !== "pending") {
      throw new InputError("session", `expected that of a pending key, found ${key.session}`);
    }
    return await keys.rows.giveUp(row.session);
  }
  checkKeyName(key);
  const row = keys.own(key);
  if (row?.state !== "pending") {
    const found = row?.state ?? keys.named(key)[0]?.state ?? "none of that name";
    throw new InputError("wallet", `expected a pending key, found ${found}`);
  }
  await keys.rows.giveUp(row.session);
}

/** See `QuorateNode.eraseGivenUp`. */
export async function eraseGivenUp(keys: Keys, session: SessionId): Promise<void> {
  if (!keys.rows.givenUp().some((key) => key.session === session)) {
    throw new InputError("session", `expected that of a key that was given up, found ${session}`);
  }
  await keys.rows.erase(Uint8Array.fromHex(session));
}
