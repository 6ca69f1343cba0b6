/**
 * The facts that every event of a session states.
 * @module
 */
import type { Common, View } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { type Command, commandKey } from "../records/command.ts";
import { type Remarks, remarksOf } from "../records/remarks.ts";

/** The facts that the events of a session state, and the key of the history that keeps them. */
export type SessionFacts = Omit<Common, keyof View> & {
  /**
   * The key of the session's history, which no event states. For a command it is its `commandKey`, because
   * two initiators may have chosen one id; for a link its id.
   */
  historyKey: string;
  /** The remarks in the command, which the event that it began states alone. */
  remarks?: Partial<Remarks>;
  /** The number of items of a batch, which the first and the last event state. */
  items?: number;
};

/** The facts of a command, before there is an attempt. */
export function factsOf(initiator: PeerId, command: Command): SessionFacts {
  const { id, kind, wallet, scheme, itemCount } = command;
  const historyKey = commandKey(initiator, id);
  const about = { id: id.toHex(), initiator, attempt: null, session: null, kind, wallet, scheme };
  return { historyKey, remarks: remarksOf(command), ...about, ...(itemCount > 1 && { items: itemCount }) };
}
