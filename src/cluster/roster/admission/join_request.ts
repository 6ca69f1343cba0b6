/**
 * A request to join, as the person who decides about it sees it.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import type { Right } from "../../records/rights.ts";

/** A request to join. */
export interface JoinRequest {
  /** The id of the peer that asks. The connection has proven that it has the key of it. */
  readonly peer: PeerId;
  /**
   * Its name in the roster: the one it asks for, with a number if that is taken. Anyone can choose any name.
   */
  readonly name: string;
  /** The rights that it would get. */
  readonly rights: readonly Right[];
  /**
   * The four words that the person at the other peer reads aloud, and that must be the same here. They are
   * different in each request: they are made of both peers, the invitation and a nonce of each side
   * (`joinDigest`).
   */
  readonly words: readonly [string, string, string, string];
  /** The number of earlier refusals with the same invitation. */
  readonly noes: number;
}

/**
 * Decides about a request. The signal aborts when there is nothing to decide any more: the peer has left, the
 * invitation has expired or was revoked, or it was decided elsewhere. A rejected promise counts as “decline”.
 */
export type Admit = (request: JoinRequest, options: { signal: AbortSignal }) => Promise<"accept" | "decline">;
