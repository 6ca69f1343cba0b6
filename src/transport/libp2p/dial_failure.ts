/**
 * The reason of a failed dial, out of libp2p's errors.
 * @module
 */
import type { PeerId } from "../../failure.ts";

/** The names of libp2p's errors that mean: somebody answered, but it is another peer, or refuses this one. */
const refusals = new Set([
  "ConnectionDeniedError",
  "ConnectionInterceptedError",
  "DialDeniedError",
  "EncryptionFailedError",
  "InputError",
  "InvalidPeerIdError",
  "MuxerUnavailableError",
  "TooManyOutboundProtocolStreamsError",
  "UnexpectedPeerError",
  "UnsupportedProtocolError",
]);

/** `refused` if somebody answered, `left` if nobody did. */
export function reasonOf(error: unknown): "refused" | "left" {
  return errorsIn(error).some(({ name }) => refusals.has(name)) ? "refused" : "left";
}

/**
 * The peer id that was claimed by a wrong peer that answered; null if there was none. @libp2p/noise 17.0.3
 * has not checked its signature yet, and gives the id only in the text of its error.
 */
export function foundBy(error: unknown): PeerId | null {
  for (const { message } of errorsIn(error)) {
    const found = /^Payload identity key (\w+) does not match expected remote identity key /.exec(message)
      ?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

const errorsIn = (error: unknown): Error[] =>
  (error instanceof AggregateError ? error.errors : [error]).filter((one) => one instanceof Error);
