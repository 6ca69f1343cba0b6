/**
 * The opening of a stream without waiting for the peer. The name of the stream's protocol goes ahead of the
 * first frame, as multistream-select has it, and the peer's agreement comes ahead of its first frame.
 *
 * libp2p's option `negotiateFully: false` is for exactly that, but libp2p 3.3.11 does not read it: it always
 * waits for the agreement. It leaves out the negotiation if the multiplexer gives it a stream that has its
 * protocol already, so the multiplexer of each connection is made to, for streams with this option.
 * @module
 */
import type { Connection, CreateStreamOptions, NewStreamOptions, Stream } from "@libp2p/interface";
import { prefixed } from "../frames.ts";

/** The longest line of a peer that is read in answer to a name, bytes; the limit of multistream-select. */
export const maxLine = 1024;

const multistream = "/multistream/1.0.0";

/** The part of a stream multiplexer that opens streams. libp2p keeps it in a private field of a connection. */
interface Multiplexer {
  createStream(options?: CreateStreamOptions & Pick<NewStreamOptions, "negotiateFully">): Promise<Stream>;
}

const prepared = new WeakSet<Multiplexer>();

/** The streams whose protocol has not been negotiated. */
const unnegotiated = new WeakSet<Stream>();

/**
 * Opens a stream. Nothing has been sent on it yet but that it is there.
 *
 * @returns The stream, and whether its user must begin with {@linkcode proposal} and expect
 * {@linkcode agreement}.
 */
export async function openStream(
  connection: Connection,
  protocol: string,
  options: NewStreamOptions,
): Promise<{ stream: Stream; negotiated: boolean }> {
  const { muxer } = connection as unknown as { muxer: Multiplexer | undefined };
  if (muxer) prepare(muxer);
  const stream = await connection.newStream(protocol, { ...options, negotiateFully: false });
  return { stream, negotiated: !unnegotiated.has(stream) };
}

function prepare(muxer: Multiplexer): void {
  if (prepared.has(muxer)) return;
  prepared.add(muxer);
  const { createStream } = muxer;
  muxer.createStream = async (options = {}) => {
    const stream = await createStream.call(muxer, options);
    if (options.negotiateFully === false && options.protocol !== undefined && stream.protocol === "") {
      stream.protocol = options.protocol;
      unnegotiated.add(stream);
    }
    return stream;
  };
}

/** The bytes that begin a stream of a protocol. */
export function proposal(protocol: string): Uint8Array {
  const lines = agreement(protocol).map((line) => prefixed(new TextEncoder().encode(line)));
  return Uint8Array.from(lines.flatMap((line) => [...line]));
}

/** The lines, each a frame, with which a peer that serves the protocol begins its side. */
export function agreement(protocol: string): string[] {
  return [`${multistream}\n`, `${protocol}\n`];
}
