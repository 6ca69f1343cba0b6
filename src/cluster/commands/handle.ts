/**
 * The handle of a session, returned to the caller that asked for it: its events and its one result.
 * @module
 */
import { type CommandId, type Fault, isFault, type SessionEvent } from "../../events.ts";
import { SessionError } from "../../errors.ts";
import type { SessionHistory } from "../events/event_log.ts";

/** One session, for the caller that asked for it or watches it. */
export interface Session<T = unknown> {
  /** 32 hex digits, known now and equal at every peer. */
  readonly id: CommandId;
  /**
   * The result. Rejects with a {@linkcode SessionError}; an unobserved rejection never crashes the process.
   */
  readonly result: Promise<T>;
  /** The events, each time from the first one on; ends with the session. */
  events(): ReadableStream<SessionEvent>;
  /** The faults: any number of warnings, at most one failure. Ends with the session, never with an error. */
  errors(): ReadableStream<Fault>;
  /** Ends it for everyone with `cancelled`. Cancelling a stream ends nothing but the stream. */
  cancel(): void;
}

/** The handle of a session with this history and result. */
export function handle<T>(
  id: string,
  history: SessionHistory,
  result: Promise<T>,
  cancel: () => void,
): Session<T> {
  const withFailure = result.catch((error) => {
    const end = history.feed.past().findLast((event) => event.type === "failed");
    if (error instanceof SessionError && end?.type === "failed") error.failure ??= end;
    throw error;
  });
  withFailure.catch(() => {}); // its readers still see it; readers of errors() have seen it
  return {
    id,
    result: withFailure,
    events: () =>
      history.feed.stream((_event): _event is SessionEvent => true) as ReadableStream<SessionEvent>,
    errors: () => history.feed.stream((event): event is Fault => isFault(event)) as ReadableStream<Fault>,
    cancel,
  };
}
