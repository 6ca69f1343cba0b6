/**
 * Streams of bytes, and records in them: each after its length, 4 bytes, big-endian.
 * @module
 */
import { itemsOf } from "../../platform/stream.ts";

/** The length of the pieces of a stream, bytes. */
const piece = 64 * 1024;

/** The bytes of each item, one after the other, in copies that the reader may keep or wipe. */
export function streamOf(items: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = piecesOf(items);
  return new ReadableStream({
    pull(controller) {
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}

function* piecesOf(items: Iterable<Uint8Array>): Generator<Uint8Array, undefined> {
  for (const item of items) {
    // A copy: the item may be a Buffer, whose slice() makes none.
    for (let at = 0; at < item.length; at += piece) yield new Uint8Array(item.subarray(at, at + piece));
  }
}

/** All bytes of a stream. @throws The error of the stream. */
export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of itemsOf(stream)) {
    chunks.push(chunk);
    length += chunk.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** The bytes of records as {@linkcode recordsIn} reads them. */
export function* asRecords(records: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const record of records) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, record.length);
    yield length;
    yield record;
  }
}

/**
 * The records in a stream, each in memory of its own. The pieces of the stream are wiped when they have been
 * read.
 *
 * @param most The most bytes of one record.
 * @throws {TypeError} If a record is longer, or the stream ends within one.
 * @throws The error of the stream.
 */
export async function* recordsIn(
  stream: ReadableStream<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  const head = new Uint8Array(4);
  let [into, filled] = [head, 0];
  for await (const chunk of itemsOf(stream)) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + into.length - filled);
      into.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < into.length) continue;
      if (into === head) {
        const length = new DataView(head.buffer).getUint32(0);
        if (length < 1 || length > most) throw new TypeError(`Cannot read a record of ${length} bytes`);
        [into, filled] = [new Uint8Array(length), 0];
      } else {
        yield into;
        [into, filled] = [head, 0];
      }
    }
    chunk.fill(0);
  }
  if (into !== head || filled > 0) throw new TypeError("Cannot read a record: the stream ends within it");
}
