/**
 * The ledger of consents: who was asked about which command, and what everybody then took part in.
 * @module
 */
import type { Approve, SigningRequest } from "../../src/cluster/commands/consent/approval.ts";
import type { NodeEvent } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Draw } from "./draw.ts";
import type { VirtualClock } from "./clock.ts";
import { violated, type Violation } from "./invariants.ts";

/** How long a person here thinks at most, ms. */
const longest = 1_500;
/** And at least: longer than for an answer at once. */
const shortest = 110;

/** A use of consent: a draw, or a message of a protocol. */
interface Act {
  readonly what: string;
  readonly name: string;
  /** The life of the process that did it. */
  readonly life: number;
  /** The command's id, in hex. */
  readonly id: () => string | null;
  /** What had been said of each command at that moment, by the keys of the ledger. */
  readonly said: ReadonlyMap<string, "accept" | "decline">;
}

export class ConsentLedger {
  readonly #asked = new Map<string, number>();
  readonly #said = new Map<string, "accept" | "decline">();
  readonly #began = new Map<string, PeerId>();
  readonly #lives = new Map<string, number>();
  readonly #found: Violation[] = [];
  /** What was drawn and sent, until it is looked at. */
  readonly #acts: Act[] = [];

  constructor(
    readonly clock: () => VirtualClock,
    readonly draw: Draw,
    /** Whether a person thinks about this command, instead of a rule that answers at once. */
    readonly thinks: (id: string) => boolean,
    /** Whether a command was signed beside its initiator's node, which has asked for nothing. */
    readonly foreign: (id: string) => boolean,
    /** The messages that a command signs, in order, where that is known. */
    readonly wanted: (id: string) => readonly Uint8Array[] | null,
    /** The peer of that name. */
    readonly peer: (name: string) => PeerId,
  ) {}

  /** What decides at `name`: always yes, now or after a while, and each question is counted. */
  approve(name: string): Approve {
    return async (request, { signal }) => {
      const { id } = request;
      if (request.kind === "sign") this.#shown(name, request);
      const key = this.#key(name, id);
      this.#asked.set(key, 1 + (this.#asked.get(key) ?? 0));
      if (this.thinks(id)) {
        const ms = shortest + this.draw.below(longest - shortest);
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

  /** Everything that is signed is shown, in order. */
  #shown(name: string, { id, items }: SigningRequest): void {
    const hex = (messages: readonly (Uint8Array | null)[]) => messages.map((one) => one?.toHex()).join();
    const wanted = this.wanted(id);
    if (wanted === null || hex(items.map(({ message }) => message)) === hex(wanted)) return;
    this.#found.push(...violated("I17 consent", `${name} was shown other items of ${id} than it signs`));
  }

  /** A process of `name` is gone, and with it what it was told. */
  died(name: string): void {
    this.#lives.set(name, 1 + (this.#lives.get(name) ?? 0));
  }

  #key(name: string, id: string, life = this.#lives.get(name) ?? 0): string {
    return `${name} ${life} ${id}`;
  }

  /** `name` draws for an attempt of a command. @param id Known when all is over. */
  drew(name: string, id: () => string | null): void {
    this.#acts.push({ what: "drew", name, life: this.#lives.get(name) ?? 0, id, said: new Map(this.#said) });
  }

  /** `name` sends a message of a command's protocol. */
  sent(name: string, id: string): void {
    const life = this.#lives.get(name) ?? 0;
    this.#acts.push({ what: "sent", name, life, id: () => id, said: new Map(this.#said) });
  }

  /** Whoever did not ask for a command itself had said yes to it before it drew and sent anything. */
  #withoutConsent({ what, name, life, id: idOf, said }: Act): Violation[] {
    const id = idOf();
    const key = id === null ? null : this.#key(name, id, life);
    const initiator = key === null ? undefined : this.#began.get(key);
    if (id === null || key === null || initiator === undefined) return [];
    const own = initiator === this.peer(name) && !this.foreign(id);
    return own || said.get(key) === "accept" ? [] : violated("I17 consent", `${name} ${what} for ${id}`);
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
    return [...this.#found.splice(0), ...this.#acts.splice(0).flatMap((act) => this.#withoutConsent(act))];
  }

  /** Forgets what is over. */
  forget(): void {
    this.#asked.clear();
    this.#said.clear();
    this.#began.clear();
    this.#acts.length = 0;
  }
}
