/**
 * Healing of unfinished keys: a node asks the other members how they voted, until it knows whether the key
 * exists.
 * @module
 */
import * as v from "valibot";
import { bytesUpTo, record } from "../../../crypto/codec.ts";
import { unlessStore } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { decodeCertificate, encodeCertificate, maxCertificate } from "../../../keystore/key_certificate.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import { noOf, voteOf } from "../../../keystore/vote_signatures.ts";
import { retryFirst, retryLast } from "../../../limits.ts";
import { openRecord } from "../../../session/control.ts";
import { pause } from "../../../session/deadline.ts";
import { readSigned } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { HistorySync } from "../../rollback/history_sync.ts";
import type { Restoration } from "../../rollback/restoration.ts";
import type { Questions } from "../../roster/questions.ts";
import { read } from "../../roster/sync_question.ts";
import type { Keys } from "../keys.ts";

/**
 * The record of a member's standing: its position on a session of which another member has an unfinished key.
 */
export const standing = record("quorate/3/standing", {
  /**
   * `yes`: its share is on disk, and its answer never changes. `no`: it never voted and never will. `lost`:
   * it does not remember, and nothing follows from that. `running`: the session is not over.
   */
  position: v.picklist(["yes", "no", "lost", "running"]),
  /** The signature of the yes or the no, 64 bytes; otherwise empty. */
  signature: bytesUpTo(64),
  /** The certificate, if the member has one; otherwise empty. */
  certificate: bytesUpTo(maxCertificate),
});

export interface HealingOptions {
  context: Context;
  keys: Keys;
  questions: Questions;
  historySync: HistorySync;
  restoration: Pick<Restoration, "isCopy">;
  /** Whether a session is running here at this moment. */
  running(session: Uint8Array): boolean;
}

export class Healing {
  readonly #options: HealingOptions;
  #retrying = false;

  constructor(options: HealingOptions) {
    this.#options = options;
    options.keys.rows.onChange(({ state }) => {
      if (state === "pending" || state === "released") void this.#retry();
    });
    void this.#retry();
  }

  /**
   * Asks again and again, with growing pauses, while a key is pending, or an epoch is released to a session that is
   * not decided: their members may stay connected all the time.
   */
  async #retry(): Promise<void> {
    const { context: { network, clock, stopping }, keys, historySync } = this.#options;
    if (this.#retrying) return;
    this.#retrying = true;
    const undecided = () => [...keys.rows.pending(), ...keys.rows.released()];
    for (let ms = retryFirst; undecided().length > 0; ms = Math.min(retryLast, 2 * ms)) {
      await pause(clock, ms, stopping);
      if (stopping.aborted) return;
      const members = new Set(undecided().flatMap(({ key }) => key!.members));
      for (const peer of network.connected().filter((peer) => members.has(peer))) {
        await historySync.exchange(peer); // a peer should know whether its disk went back before it votes
        await this.#ask(peer, undecided());
      }
    }
    this.#retrying = false;
  }

  /**
   * Says no, on disk, to every session that has ended before this member of its key could vote: what it has released
   * to such a session is free again.
   */
  async settle(): Promise<void> {
    const { context: { identity }, keys, restoration, running } = this.#options;
    for (const { session, key } of keys.rows.released()) {
      if (!key!.members.includes(identity.peer)) continue; // its word stands until a member says no
      await keys.rows.standingIn(session, () => running(session), () => restoration.isCopy).catch(
        unlessStore,
      );
    }
  }

  /**
   * Asks a peer about every unfinished key. A key that was given up may exist all the same, or may be of no
   * more use.
   */
  heal(peer: PeerId): Promise<void> {
    const { rows } = this.#options.keys;
    return this.#ask(peer, [...rows.unfinished(), ...rows.released()]);
  }

  async #ask(peer: PeerId, rows: readonly KeyRow[]): Promise<void> {
    await this.settle();
    await this.#askAll(peer, rows).catch(unlessStore);
  }

  /** @throws {StoreError} */
  async #askAll(peer: PeerId, rows: readonly KeyRow[]): Promise<void> {
    const { keys, running, questions } = this.#options;
    for (const { session, key, opens } of rows) {
      const open = opens[key!.members.indexOf(peer)] ?? new Uint8Array();
      if (open.length === 0 || running(session)) continue;
      for await (const encoded of questions.ask(peer, "vote", open)) {
        const answer = read(() => standing.decode(encoded));
        if (!answer) continue;
        const { position, signature, certificate } = answer;
        const proof = certificate.length > 0 ? read(() => decodeCertificate(certificate)) : null;
        if (proof) await keys.rows.promote(session, proof.votes);
        if (position === "yes" || position === "no") {
          await keys.rows.takeVote(session, { by: peer, vote: position, signature });
        }
      }
    }
  }

  /**
   * Answers with the position of this node on a session that it took part in. It is on disk before it is
   * returned.
   *
   * @param shown The signed open of this node for that session.
   * @throws {StoreError}
   */
  async answer(shown: Uint8Array): Promise<Uint8Array> {
    const { context: { identity }, keys, restoration, running } = this.#options;
    const none = new Uint8Array();
    const open = await readSigned(identity, openRecord, shown);
    // Only sessions that this node has opened itself and that make a key leave a row.
    if (open?.by !== identity.peer || open.value.kind === "sign") {
      return standing.encode({ position: "lost", signature: none, certificate: none });
    }
    const { session } = open.value;
    const stands = await keys.rows.standingIn(session, () => running(session), () => restoration.isCopy);
    if (stands.position === "no") {
      return standing.encode({ position: "no", signature: await noOf(identity, session), certificate: none });
    }
    if (stands.position !== "yes") {
      return standing.encode({ position: stands.position, signature: none, certificate: none });
    }
    const { row } = stands;
    const certificate = row.state === "active" ? encodeCertificate(row) : none;
    return standing.encode({ position: "yes", signature: await voteOf(identity, row), certificate });
  }
}
