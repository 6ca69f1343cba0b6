/**
 * A wire that does not send what its node says: the one tool of every cheat. It stands above signing and sealing, so
 * that whatever it makes of a message goes out under the node's own valid keys.
 * @module
 */
import type { WireFacts } from "../../cluster/context.ts";
import type { Codec } from "../../crypto/codec.ts";
import type { FailureCode, Kind, PeerId } from "../../failure.ts";
import type { Clock, Wire } from "../../ports.ts";
import { messageRecord } from "../../session/echo.ts";

/** What a cheat needs of the outside. */
export interface CheatTools {
  clock: Clock;
  /** Ends this process at once, without a word. */
  exit(): void;
}

/** One way to cheat, in one named place. */
export interface Cheat {
  readonly name: string;
  /** Completes the sentence “Bob will …”. */
  readonly label: string;
  /** The kinds of session in which it can be done. */
  readonly kinds: readonly Kind[];
  /** What every honest peer of the session sees of it. */
  readonly expects: Expected;
  /** Whether a session of these kinds gives it its chance. */
  applies(about: Pick<WireFacts, "kind" | "curve" | "party">): boolean;
  wrap(wire: Wire, about: WireFacts, tools: CheatTools): Wire;
  /** Whether it also keeps to itself what the session gives it. */
  readonly withholds?: boolean;
}

export interface Expected {
  readonly outcome: "failed" | "success";
  readonly code?: FailureCode;
  /** What the failure calls the cheater. */
  readonly names: "culprit" | "missing" | "nobody";
}

/** A message on its way out. */
export interface Said {
  readonly to: PeerId;
  readonly round: string;
  readonly body: Uint8Array;
  readonly audience: "one" | "all";
}

/** A wire that sends, for each message of its node, what `instead` makes of it: none, another, or more. */
export function saying(wire: Wire, instead: (said: Said) => readonly Said[]): Wire {
  return {
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send(to, round, body, audience) {
      for (const said of instead({ to, round, body, audience })) {
        wire.send(said.to, said.round, said.body, said.audience);
      }
    },
  };
}

/** The same message with another payload; the echo in it stays. */
export function withPayload<T>(said: Said, codec: Codec<T>, change: (message: T) => T): Said {
  const { payload, echo } = messageRecord.decode(said.body);
  const body = messageRecord.encode({ payload: codec.encode(change(codec.decode(payload))), echo });
  return { ...said, body };
}

/** The names under which a round of a protocol travels: those of the session itself begin with a slash. */
export const isProtocolRound = (round: string): boolean => !round.startsWith("/");
