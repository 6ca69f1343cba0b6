/**
 * libp2p's ping protocol: 32 bytes there and back.
 *
 * `@libp2p/ping` 3.1.13 would not do: when it answers, it leaves a timer of ten seconds that keeps the
 * process; and when it pings, it dials a peer that has just gone.
 * @module
 */
import type { Connection, Stream } from "@libp2p/interface";

export const pingProtocol = "/ipfs/ping/1.0.0";

/** The most pings of one connection that are answered at the same time; libp2p's own limit. */
export const pingStreams = 2;

const pingLength = 32;

/** The time after which a silent connection counts as dead, ms. A busy tab pauses for less. */
const pingTimeout = 15_000;

/** The error of a ping that nobody answered in time. */
export class Silence extends Error {
  override readonly name = "Silence";
}

/** Answers a ping: sends back the bytes received. */
export function answerPing(stream: Stream): void {
  const close = () => void stream.close().catch(() => {});
  stream.addEventListener("remoteCloseWrite", close);
  stream.addEventListener("message", ({ data }) => {
    // A peer that sends without reading the answers gets no more.
    if (stream.writeStatus !== "writable" || !stream.send(data)) stream.abort(new Error("Too many pings"));
  });
  if (stream.remoteWriteStatus === "closed") close();
}

/**
 * Measures the round-trip time, ms.
 *
 * @throws {Silence} If there is no answer in 15 s. Any other error: the peer refused, the connection broke,
 * or `signal` was aborted.
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
    reject(error); // not thrown: then the listeners would reject a promise that nobody handles
  }
  return promise;
}
