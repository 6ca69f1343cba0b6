/**
 * libp2p's ping protocol: 32 bytes there and back.
 *
 * Not `@libp2p/ping` 3.1.13: when it answers, it leaves a timer of ten seconds that keeps the process; and when it asks,
 * it dials a peer that has just gone.
 * @module
 */
import type { Connection, Stream } from "@libp2p/interface";

export const pingProtocol = "/ipfs/ping/1.0.0";

/** Pings of one connection that are answered at the same time; libp2p's own limit. */
export const pingStreams = 2;

const pingLength = 32;

/** A connection that does not answer for so long is dead, whatever TCP thinks of it; longer than a busy tab pauses. */
const pingTimeout = 15_000;

/** Nobody answered in time. */
export class Silence extends Error {
  override readonly name = "Silence";
}

/** Sends back what comes. */
export function answerPing(stream: Stream): void {
  const close = () => void stream.close().catch(() => {});
  stream.addEventListener("remoteCloseWrite", close);
  stream.addEventListener("message", ({ data }) => {
    // Who sends more than is read gets nothing more.
    if (stream.writeStatus !== "writable" || !stream.send(data)) stream.abort(new Error("Too many pings"));
  });
  if (stream.remoteWriteStatus === "closed") close();
}

/**
 * Measures the round-trip time, ms.
 *
 * @throws {Silence} If there is no answer in 15 s. Whatever else it throws: the peer is there and does not want to, or the
 * connection broke, or `signal` was aborted.
 */
export async function ping(connection: Connection, signal: AbortSignal): Promise<number> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Silence("No answer to a ping")), pingTimeout);
  const stop = () => ended.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  let stream: Stream | undefined;
  try {
    stream = await connection.newStream(pingProtocol, { signal: ended.signal, runOnLimitedConnection: true });
    const begun = performance.now();
    await echo(stream, ended.signal);
    return performance.now() - begun;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    stream?.abort(new Error("The ping is over"));
  }
}

function echo(stream: Stream, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let due = pingLength;
  stream.addEventListener("message", ({ data }) => (due -= data.byteLength) > 0 || resolve());
  stream.addEventListener("close", ({ error }) => reject(error ?? new Error("The ping was not answered")));
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  try {
    stream.send(crypto.getRandomValues(new Uint8Array(pingLength)));
  } catch (error) {
    reject(error); // and not thrown: a promise that nobody holds must not be rejected by the listeners
  }
  return promise;
}
