/**
 * The operator's command to give up a key that never became active.
 * @module
 */
import { checkKeyName, type KeyName } from "../records/key_name.ts";
import type { UnfinishedKey } from "./group_key.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import type { Epochs } from "./epochs/epochs.ts";
import type { Keys } from "./keys.ts";
import type { SessionId } from "../../events.ts";
import { InputError } from "../../errors.ts";

/** See `QuorateNode.giveUp`. */
export async function giveUp(keys: Keys, key: KeyName | Pick<UnfinishedKey, "session">): Promise<void> {
  if ("session" in key) {
    const row = keys.rows.undecided().find(({ session }) => session.toHex() === key.session);
    if (!row) {
      throw new InputError("session", `expected that of a pending key, found ${key.session}`, {
        code: "wrong-state",
      });
    }
    return await keys.rows.giveUp(row.session);
  }
  checkKeyName(key);
  const row = keys.rows.undecided().find((row) =>
    row.key!.wallet === key.wallet && row.key!.scheme === key.scheme
  );
  if (!row) {
    const found = keys.own(key)?.state ?? keys.named(key)[0]?.state ?? "none of that name";
    throw new InputError("wallet", `expected a pending key, found ${found}`, { code: "wrong-state" });
  }
  await keys.rows.giveUp(row.session);
}

/** See `QuorateNode.eraseGivenUp`. */
export async function eraseGivenUp(keys: Keys, session: SessionId): Promise<void> {
  const row = keys.rows.withShare(session);
  if (!row || !keys.rows.givenUp().some((key) => key.session === session)) {
    throw new InputError("session", `expected that of a key that was given up, found ${session}`, {
      code: "wrong-state",
    });
  }
  checkErasable(row, keys.epochs);
  await keys.rows.erase(row.session, ["given-up", "lost"]);
}

/**
 * Checks that a key that was given up never comes into force. With a vote that comes late the next epoch of a key would,
 * and its share may be one of those that the key then lives by.
 *
 * @throws {InputError} `session`
 */
export function checkErasable({ parent }: KeyRow, epochs: Epochs): void {
  if (parent === null || epochs.isRetired(parent.session.toHex())) return;
  const problem =
    "expected one after which the key was given new holders, found one that may still come into force";
  throw new InputError("session", problem);
}
