/**
 * A state of the model, the steps between states, and the powers by which a model has more or fewer of them.
 * @module
 */
import { bit } from "./peer.ts";

/** A rule that is left out, or one that is added: to show that a property needs it, or does not bear it. */
export type Mutant =
  | "release said before it is written"
  | "no lock"
  | "vote before all releases"
  | "erased before t' say so"
  | "erased when pending"
  | "no said before it is written"
  | "given up without a share says yes"
  | "unlocked when a session fails"
  | "a given-up share erased"
  | "given up for good once another epoch is known"
  | "disk that went back unnoticed";

export interface Powers {
  readonly cheaters: readonly number[];
  /** The number of times that an operator may give up a key. */
  readonly giveUps: number;
  /** Whether an operator may erase the share of a key that was given up. */
  readonly erases: boolean;
  /** The peer whose disk may go back, once; null for none. */
  readonly goesBack: number | null;
  readonly mutant: Mutant | null;
}

/**
 * A state: of each peer its disk and its running session (0 for none, s + 1; past `early` with a release that is not on
 * disk); of each session who has released the epoch, voted yes, said no, given up, and begun, which nobody does twice: its
 * id is a hash over a fresh word of each; then the rest.
 */
export type State = readonly number[];

/** A step, and the state after it. */
export interface Step {
  readonly next: State;
  readonly said: string;
  /** Whether it happens by itself as long as honest peers are up and meet each other. */
  readonly heals: boolean;
}

/** Something that the product's code has not been asked yet. */
export class Unknown {
  readonly ask: () => Promise<void>;
  constructor(ask: () => Promise<void>) {
    this.ask = ask;
  }
}

const perSession = 5;
/** Added to the number of a running session whose release was said and is not on disk. */
export const early = 8;
export const names = ["X", "Y"] as const;

/** The places of a state. */
export class Places {
  readonly #peers: number;
  readonly #sessions: number;

  constructor(peers: number, sessions: number) {
    this.#peers = peers;
    this.#sessions = sessions;
  }

  disk = (peer: number): number => 2 * peer;
  run = (peer: number): number => 2 * peer + 1;
  #words = (s: number): number => 2 * this.#peers + perSession * s;
  released = (s: number): number => this.#words(s);
  voted = (s: number): number => this.#words(s) + 1;
  refused = (s: number): number => this.#words(s) + 2;
  gaveUp = (s: number): number => this.#words(s) + 3;
  begun = (s: number): number => this.#words(s) + 4;
  #rest = (at: number): number => this.#words(this.#sessions) + at;
  left = (): number => this.#rest(0);
  /** 0, 1 if a copy was made, 2 if it was put back. */
  back = (): number => this.#rest(1);
  copy = (): number => this.#rest(2);
  giveUps = (): number => this.#rest(3);

  get length(): number {
    return this.#rest(4);
  }
}

export type Change = readonly [place: number, value: number];

export const add = (state: State, place: number, peer: number): Change => [place, state[place]! | bit(peer)];

/** The state with some places changed; a flag says whether the step {@linkcode Step.heals}. */
export function step(state: State, said: string, ...changes: readonly (Change | boolean)[]): Step {
  const next = [...state];
  let heals = false;
  for (const change of changes) {
    if (typeof change === "boolean") heals = change;
    else next[change[0]] = change[1];
  }
  return { next, said, heals };
}
