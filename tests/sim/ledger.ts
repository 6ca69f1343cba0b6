/**
 * The ledger of a simulated world: everything that its nodes emitted and sent, and every nonce that they used. Not a test
 * by itself.
 * @module
 */
import { createHash } from "node:crypto";
import type { NodeEvent } from "../../src/events.ts";

export class Ledger {
  readonly #real: boolean;
  readonly #digest = createHash("sha256");
  /** The nodes' own events in the schedule under way, as lines. */
  readonly log: string[] = [];
  /** Every frame; kept where the cryptography is real. */
  readonly frames: Uint8Array[] = [];
  /** Every event as text; kept where the cryptography is real. */
  readonly events: string[] = [];
  readonly #nonces = new Set<string>();
  /** Command and peer of every nonce that was used a second time. */
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

  /** A nonce commitment that a signer sends: none is ever used in two commands. */
  nonce(id: string, from: string, commitment: Uint8Array): void {
    const [nonce, use] = [commitment.toHex(), `${id} ${from}`];
    const line = `${nonce} ${use}`;
    if (this.#nonces.has(nonce) && !this.#nonces.has(line)) this.reused.push(use);
    this.#nonces.add(nonce).add(line);
  }
}
