/**
 * The facts that every event of a session states.
 * @module
 */
import type { Common, View } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { type Command, commandKey } from "../records/command.ts";

/** The facts that every event of a session states, and the key of the history that keeps them. */
export type SessionFacts = Omit<Common, keyof View> & {
  /**
   * The key of the session's history, which no event states. For a command it is its `commandKey`, because
   * two initiators may have chosen one id; for a link its id.
   */
  historyKey: string;
};

/** The facts of a command, before there is an attempt. */
export function factsOf(initiator: PeerId, { id, kind, wallet, scheme }: Command): SessionFacts {
  const historyKey = commandKey(initiator, id);
  return { historyKey, id: id.toHex(), initiator, attempt: null, session: null, kind, wallet, scheme };
}
