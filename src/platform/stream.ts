/**
 * The items of a stream, for browsers in which streams are not iterable (Safari).
 * @module
 */

/** Each item, in order. A reader that stops early cancels the stream. @throws What the stream fails with. */
export async function* itemsOf<T>(stream: ReadableStream<T>): AsyncGenerator<T, void> {
  const reader = stream.getReader();
  let over = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        over = true;
        return;
      }
      yield value;
    }
  } catch (error) {
    over = true;
    throw error;
  } finally {
    if (!over) await reader.cancel();
    reader.releaseLock();
  }
}
