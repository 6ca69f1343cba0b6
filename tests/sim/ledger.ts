/**
 * The ledger of a simulated world: everything that its nodes emitted and sent, and every first round that they used. Not a test
 * by itself.
 * @module
 */
import { decode } from "cborg";
import { createHash } from "node:crypto";
import type { NodeEvent } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { acceptRecord } from "../../src/session/invite.ts";
import { unverified } from "../../src/session/signed.ts";

export class Ledger {
  readonly #real: boolean;
  readonly #digest = createHash("sha256");
  /** The nodes' own events in the schedule under way, as lines. */
  readonly log: string[] = [];
  /** Every frame; kept where the cryptography is real. */
  readonly frames: Uint8Array[] = [];
  /** Every event as text; kept where the cryptography is real. */
  readonly events: string[] = [];
  readonly #used = new Set<string>();
  /** The body of every message that showed the commitments of a batch. */
  readonly #shown = new Set<string>();
  /** Every commitment in one. */
  readonly #commitments = new Set<string>();
  /** The attempt of every first round that was accepted with. */
  readonly #accepted = new Map<string, string>();
  /** Who used a first round a second time, and where. */
  readonly reused: string[] = [];

  /** @param real Whether the cryptography is real. */
  constructor(real: boolean) {
    this.#real = real;
  }

  /** SHA-256 of every event so far, in its order. */
  digest(): string {
    return this.#digest.copy().digest("hex");
  }

  frame(bytes: Uint8Array): void {
    if (this.#real) this.frames.push(bytes);
  }

  /** An event that `name` has emitted at virtual time `now`; `own`: about itself, not gossiped by another. */
  event(name: string, event: NodeEvent, { own, now }: { own: boolean; now: number }): void {
    const text = own || !("peer" in event) ? JSON.stringify(event) : `heard ${event.boot} ${event.seq}`;
    const line = `${now.toFixed(3)} ${name} ${text}`;
    this.#digest.update(line);
    if (this.#real) this.events.push(text);
    if (own) this.log.push(line);
  }

  /** A run of what was drawn: nothing drawn ever runs twice. */
  used(session: Uint8Array, by: PeerId, firstRound: Uint8Array): void {
    const drawn = firstRound.toHex();
    if (this.#used.has(drawn)) this.reused.push(`${by} in ${session.toHex()}`);
    this.#used.add(drawn);
  }

  /** The commitments of a batch on their way, once to each peer: no two are the same, of no two items. */
  committed(by: string, body: Uint8Array): void {
    const shown = `${by} ${body.toHex()}`;
    if (this.#shown.has(shown)) return;
    this.#shown.add(shown);
    const [, commitments] = decode(messageRecord.decode(body).payload) as [string, unknown[]];
    for (const one of (commitments as unknown[]).flat() as Uint8Array[]) {
      if (this.#commitments.has(one.toHex())) this.reused.push(`${by} in the commitments of a batch`);
      this.#commitments.add(one.toHex());
    }
  }

  /** An accept on its way: no two have the same first round. */
  accepted(bytes: Uint8Array): void {
    const accept = unverified(acceptRecord, bytes);
    if (!accept) return;
    const [drawn, attempt] = [accept.value.firstRound.toHex(), accept.value.attempt.toHex()];
    const before = this.#accepted.get(drawn) ?? attempt;
    if (before !== attempt) this.reused.push(`${accept.by} in its accept of ${attempt}`);
    this.#accepted.set(drawn, attempt);
  }
}
