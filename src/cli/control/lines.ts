/**
 * Frames on a control socket: JSON, one value a line.
 * @module
 */
import type { Socket } from "node:net";
import { InputError } from "../../errors.ts";

const newline = "\n".charCodeAt(0);

/**
 * The values that come over a connection, in order, until the other side ends it.
 *
 * @param maxBytes The longest line.
 * @throws {InputError} `request`, for a line that is too long, or no JSON.
 */
export async function* valuesOf(socket: Socket, maxBytes: number): AsyncGenerator<unknown, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  // The socket is not destroyed by an error here: the other side is still told of it.
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      parts.push(chunk.subarray(from, end));
      checkLength(length + end - from, maxBytes);
      yield valueOf(parts);
      [parts, length, from] = [[], 0, end + 1];
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    checkLength(length, maxBytes);
  }
}

function checkLength(length: number, maxBytes: number): void {
  if (length > maxBytes) throw new InputError("request", `expected at most ${maxBytes} bytes, found more`);
}

function valueOf(parts: readonly Uint8Array[]): unknown {
  const decoder = new TextDecoder();
  const text = parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError("request", "expected a line of JSON, found something else", { cause });
  }
}

/** Sends one value. Resolves when there is room for the next one, or when the connection is gone. */
export function send(socket: Socket, value: unknown): Promise<void> {
  if (socket.destroyed || socket.writableEnded) return Promise.resolve();
  if (socket.write(`${JSON.stringify(value)}\n`)) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      socket.off("drain", go);
      socket.off("close", go);
      resolve();
    };
    socket.on("drain", go);
    socket.on("close", go);
  });
}
