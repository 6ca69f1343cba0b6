/**
 * A wire that replaces the messages of its node: the one tool of every cheat. It is above signing and
 * sealing, so the replaced messages are signed and sealed with the node's own valid keys.
 * @module
 */
import type { WireFacts } from "../../cluster/context.ts";
import type { Codec } from "../../crypto/codec.ts";
import type { FailureCode, Kind, PeerId } from "../../failure.ts";
import type { Clock, Task, Wire } from "../../ports.ts";
import { messageRecord } from "../../session/echo.ts";

/** The effects that a cheat may use. */
export interface CheatTools {
  clock: Clock;
  /** Ends this process at once, without any message. */
  exit(): void;
}

/** One way to cheat. */
export interface Cheat {
  readonly name: string;
  /** Completes the sentence “Bob will …”. */
  readonly label: string;
  /** The kinds of session in which it is possible. */
  readonly kinds: readonly Kind[];
  /** The outcome at every honest peer of the session. */
  readonly expects: Expected;
  /** Whether it is possible in this session. */
  applies(about: Pick<WireFacts, "kind" | "scheme" | "party">): boolean;
  wrap(wire: Wire, about: WireFacts, tools: CheatTools): Wire;
  /** Replaces this node's first round, which stands in its accept. */
  firstRound?(task: Task, honest: Uint8Array): Uint8Array;
  /**
   * The time for which the node withholds the outcome that it reaches, ms: until the session ends for some other reason,
   * if that is forever.
   */
  readonly withholdsMs?: number;
}

export interface Expected {
  readonly outcome: "failed" | "success";
  readonly code?: FailureCode;
  /** The code at a peer that was sent something else than the rest, if that peer finds another. */
  readonly fooled?: FailureCode;
  /** The list of the failure in which the cheater is named. */
  readonly names: "culprit" | "missing" | "nobody";
}

/** A message on its way out. */
export interface Outgoing {
  readonly to: PeerId;
  readonly round: string;
  readonly body: Uint8Array;
  readonly audience: "one" | "all";
}

/**
 * A wire that sends, for each message of its node, the messages that `instead` returns: none, another, or
 * several.
 */
export function sending(wire: Wire, instead: (sent: Outgoing) => readonly Outgoing[]): Wire {
  return {
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send(to, round, body, audience) {
      for (const sent of instead({ to, round, body, audience })) {
        wire.send(sent.to, sent.round, sent.body, sent.audience);
      }
    },
  };
}

/** The same message with a changed payload and the same echo. */
export function withPayload<T>(sent: Outgoing, codec: Codec<T>, change: (message: T) => T): Outgoing {
  const { payload, echo } = messageRecord.decode(sent.body);
  const body = messageRecord.encode({ payload: codec.encode(change(codec.decode(payload))), echo });
  return { ...sent, body };
}

/** Whether a wire name belongs to a round of a protocol; the session's own begin with a slash. */
export const isProtocolRound = (round: string): boolean => !round.startsWith("/");
