/**
 * The context of a node's cluster side with its roster and its event log, which every later room uses.
 * @module
 */
import type { RosterContext } from "../roster/roster_context.ts";
import type { EventLog } from "./event_log.ts";

/** The roster context, and the event log. */
export interface Context extends RosterContext {
  readonly eventLog: EventLog;
}
