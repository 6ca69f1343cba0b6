/**
 * What whoever asks holds in hand: a session from the moment it is asked for, and its one outcome.
 * @module
 */
import { type Fault, isFault, type SessionEvent } from "../../events.ts";
import { SessionError } from "../../errors.ts";
import type { Story } from "../events/event_log.ts";

/** One session in the hand of whoever asked for it, or watches it. */
export interface Session<T = unknown> {
  /** 32 hex digits, known now and equal at every peer. */
  readonly id: string;
  /**
   * What came of it. Rejects with a {@linkcode SessionError}; left alone, it rejects nobody's process.
   */
  readonly result: Promise<T>;
  /** What happened, each time from the first event on; ends with the session. */
  events(): ReadableStream<SessionEvent>;
  /** What is wrong: any number of warnings, at most one failure. Ends with the session, never with an error. */
  errors(): ReadableStream<Fault>;
  /** Ends it for everyone with `cancelled`. Cancelling a stream ends nothing but the stream. */
  cancel(): void;
}

/** A session over a story and an outcome. */
export function handle<T>(id: string, story: Story, result: Promise<T>, cancel: () => void): Session<T> {
  const told = result.catch((error) => {
    const end = story.feed.past().findLast((event) => event.type === "failed");
    if (error instanceof SessionError && end?.type === "failed") error.failure ??= end;
    throw error;
  });
  told.catch(() => {}); // whoever awaits it still sees it; who reads errors() has seen it
  return {
    id,
    result: told,
    events: () => story.feed.stream((_event): _event is SessionEvent => true) as ReadableStream<SessionEvent>,
    errors: () => story.feed.stream((event): event is Fault => isFault(event)) as ReadableStream<Fault>,
    cancel,
  };
}
