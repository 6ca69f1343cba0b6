/**
 * The hellos of a link: each side sends its presence with a fresh key, and checks that of the other side.
 * @module
 */
import { SessionError } from "../../errors.ts";
import type { Channel } from "../../ports.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { readSigned, sign } from "../../session/signed.ts";
import type { Context } from "../events/event_context.ts";
import type { IsMember, OfMembers } from "../records/of_members.ts";
import { type Presence, presenceRecord, Presences } from "../rollback/presence.ts";
import type { StoreHistory } from "../rollback/store_history.ts";
import type { OwnPresence } from "./own_presence.ts";

/** Each side of a link waits this long for the other's hello, ms. */
const helloMs = 2_000;

/** The two hellos of an exchange, as they were signed. */
export interface HelloPair {
  readonly own: Uint8Array;
  readonly other: Uint8Array;
  /** The presence in the other's hello. */
  readonly presence: Presence;
}

export class Hellos implements OfMembers {
  readonly #context: Context;
  readonly #ownPresence: OwnPresence;
  readonly #storeHistory: StoreHistory;
  readonly #presences = new Presences();

  constructor(context: Context, ownPresence: OwnPresence, storeHistory: StoreHistory) {
    this.#context = context;
    this.#ownPresence = ownPresence;
    this.#storeHistory = storeHistory;
  }

  /**
   * Sends this node's hello, and receives the other's.
   *
   * @param key A fresh X25519 public key, 32 bytes.
   * @throws {SessionError} `link-lost` if no hello comes, if it is not the peer's own, or if it is an earlier
   * one.
   */
  async exchange(channel: Channel, key: Uint8Array): Promise<HelloPair> {
    const { identity, clock, eventLog, stopping } = this.#context;
    const { peer } = channel;
    const own = await sign(identity, presenceRecord, this.#ownPresence.next(key));
    using patience = deadline(clock, helloMs, stopping);
    await channel.send(own.encoded);
    const other = await orAborted(channel.receive(), patience.signal);
    if (other === null) throw new SessionError("link-lost", { missing: [peer] });
    const hello = await readSigned(identity, presenceRecord, other);
    if (!this.#context.member(peer)) throw new SessionError("link-lost", { missing: [peer] });
    const isOfPeer = hello?.by === peer && hello.value.peer === peer;
    if (!isOfPeer || !this.#presences.takeHello(hello.value)) {
      eventLog.warn("rejected-hello", peer);
      throw new SessionError("link-lost", { missing: [peer] });
    }
    await this.#storeHistory.take(hello);
    eventLog.peerTime(peer, hello.value.time);
    return { own: own.encoded, other, presence: hello.value };
  }

  keepOnly(isMember: IsMember): void {
    this.#presences.keepOnly(isMember);
  }
}
