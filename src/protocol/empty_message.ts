/**
 * Messages that some peers have no content for. Everybody sends in every round to everybody, so that nobody runs
 * ahead of a slow peer and every echo is whole: whoever has nothing to say sends exactly the empty message.
 * @module
 */
import { type Codec, equal, record } from "../crypto/codec.ts";

/**
 * The codec of a message or nothing.
 *
 * @param tag The record type of the empty message, which has no fields: null.
 */
export function orEmpty<T>(tag: string, codec: Codec<T>): Codec<T | null> {
  const empty = record(tag, {});
  const encoded = empty.encode({});
  return {
    encode: (message) => message === null ? empty.encode({}) : codec.encode(message),
    decode: (input) => equal(input, encoded) ? null : codec.decode(input),
  };
}
