/**
 * The streams of one accepted attempt, which peers may open before this node has opened its session.
 * @module
 */
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Channel } from "../../ports.ts";
import type { openRecord } from "../../session/control.ts";
import { Early } from "../../session/early.ts";
import type { Signed } from "../../session/signed.ts";

/** A stream of a peer, of which the first frame was read. */
export interface Arrived {
  readonly channel: Channel;
  readonly open: Signed<ReturnType<typeof openRecord.decode>>;
  /** The go as the peer shows it, unchecked. */
  readonly go: Uint8Array;
}

export class ExpectedStreams {
  readonly #party: readonly PeerId[];
  /** One stream is kept for each peer. */
  readonly #arrived = new Map<PeerId, Early<Arrived>>();
  /** Rejects the promise of a stream that this node waits for. */
  readonly #waiting = new Map<PeerId, (error: ChannelError) => void>();
  /** The peers that have left: nobody waits for their streams. One that has come is taken nevertheless. */
  readonly #left = new Set<PeerId>();
  #dropped = false;

  /** @param party The members of the attempt: no other peer's streams are kept. */
  constructor(party: readonly PeerId[]) {
    this.#party = party;
  }

  /** Takes a stream that a peer has opened; a second one that nobody waits for is aborted. */
  arrive(arrived: Arrived): void {
    const { channel } = arrived;
    const kept = !this.#dropped && this.#party.includes(channel.peer) && this.#of(channel.peer).add(arrived);
    if (!kept) channel.abort();
  }

  /**
   * Resolves with the stream that a peer opens, or has opened. Rejects with a `ChannelError` once it has
   * left.
   */
  from(peer: PeerId): Promise<Arrived> {
    const early = this.#of(peer);
    return new Promise((resolve, reject) => {
      this.#waiting.set(peer, reject);
      early.listen((arrived) => {
        early.unlisten();
        this.#waiting.delete(peer);
        resolve(arrived);
      });
      if (this.#left.has(peer)) this.left(peer); // unless its stream had come
    });
  }

  #of(peer: PeerId): Early<Arrived> {
    const early = this.#arrived.get(peer) ?? new Early<Arrived>(1);
    this.#arrived.set(peer, early);
    return early;
  }

  /** Gives up waiting for a peer that has disconnected, or has dropped this node's stream. */
  left(peer: PeerId): void {
    this.#left.add(peer);
    const reject = this.#waiting.get(peer);
    if (!reject) return;
    this.#waiting.delete(peer);
    this.#of(peer).unlisten();
    reject(new ChannelError("left"));
  }

  /** Aborts every stream that nobody has taken, and gives up waiting. */
  drop(): void {
    this.#dropped = true;
    for (const early of this.#arrived.values()) for (const { channel } of early.take()) channel.abort();
    for (const peer of [...this.#waiting.keys()]) this.left(peer);
    this.#arrived.clear();
  }
}
