/**
 * The ledger of consents: who was asked about which command, and what everybody then took part in.
 * @module
 */
import type { Approve } from "../../src/cluster/commands/consent/approval.ts";
import type { NodeEvent } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Draw } from "./draw.ts";
import type { VirtualClock } from "./clock.ts";
import { violated, type Violation } from "./invariants.ts";

/** How long a person here thinks at most, ms. */
const longest = 1_500;

export class ConsentLedger {
  readonly #asked = new Map<string, number>();
  readonly #said = new Map<string, "accept" | "decline">();
  readonly #began = new Map<string, PeerId>();
  readonly #lives = new Map<string, number>();
  readonly #found: Violation[] = [];

  constructor(
    readonly clock: () => VirtualClock,
    readonly draw: Draw,
    /** Whether a person thinks about this command, instead of a rule that answers at once. */
    readonly thinks: (id: string) => boolean,
    /** Whether a command was signed beside its initiator's node, which has asked for nothing. */
    readonly foreign: (id: string) => boolean,
  ) {}

  /** What decides at `name`: always yes, now or after a while, and each question is counted. */
  approve(name: string): Approve {
    return async ({ id }, { signal }) => {
      const key = this.#key(name, id);
      this.#asked.set(key, 1 + (this.#asked.get(key) ?? 0));
      if (this.thinks(id)) {
        const ms = this.draw.below(longest);
        await new Promise<void>((resolve) => {
          const timer = this.clock().timer(ms, resolve);
          signal.addEventListener("abort", () => {
            timer[Symbol.dispose]();
            resolve();
          }, { once: true });
        });
      }
      const answer = signal.aborted ? "decline" : "accept";
      this.#said.set(key, answer);
      return answer;
    };
  }

  /** A process of `name` is gone, and with it what it was told. */
  died(name: string): void {
    this.#lives.set(name, 1 + (this.#lives.get(name) ?? 0));
  }

  #key(name: string, id: string): string {
    return `${name} ${this.#lives.get(name) ?? 0} ${id}`;
  }

  /** An item of `name`'s own view. */
  told(name: string, self: PeerId, event: NodeEvent): void {
    if (!("attempt" in event) || event.id === null) return;
    const key = this.#key(name, event.id);
    if (event.type === "began") this.#began.set(key, event.initiator);
    if (event.type !== "opened" || event.kind === "ecdh") return;
    const initiator = this.#began.get(key);
    const times = this.#asked.get(key) ?? 0;
    if (initiator === self && !this.foreign(event.id)) {
      if (times > 0) {
        this.#found.push(...violated("I17 consent", `${name} was asked about its own ${event.id}`));
      }
    } else if (times !== 1 || this.#said.get(key) !== "accept") {
      this.#found.push(
        ...violated(
          "I17 consent",
          `${name} took part in ${event.id}, asked ${times} times, said ${this.#said.get(key)}`,
        ),
      );
    }
  }

  /** What was found since the last call. */
  violations(): Violation[] {
    return this.#found.splice(0);
  }

  /** Forgets what is over. */
  forget(): void {
    this.#asked.clear();
    this.#said.clear();
    this.#began.clear();
  }
}
