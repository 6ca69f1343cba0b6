/**
 * Signatures that are asked for while something is wrong with one peer, to see what becomes of them. Not a test by itself.
 * @module
 */
import { SessionError } from "../../src/errors.ts";

/** How a command ended: null for well, else its code, and those of who declined. */
export async function codesOf(result: Promise<unknown>): Promise<readonly string[] | null> {
  try {
    await result;
    return null;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return [error.code, ...error.claims.map(({ code }) => code)];
  }
}

export class Probe {
  /** Signs something, as asked for by the first. */
  readonly #sign: (by: string, signers: readonly string[]) => Promise<unknown>;
  readonly #others: readonly [string, string];

  constructor(
    readonly faulty: string,
    /** Whether it can sign itself; else it asks two others. */
    readonly isHolder: boolean,
    others: readonly [string, string],
    sign: (by: string, signers: readonly string[]) => Promise<unknown>,
  ) {
    this.#others = others;
    this.#sign = sign;
  }

  get other(): string {
    return this.#others[0];
  }

  /** The one asks another. */
  asks(): Promise<readonly string[] | null> {
    return codesOf(this.#sign(this.faulty, this.isHolder ? [this.faulty, this.other] : this.#others));
  }

  /** Another asks it, which has to be a holder. */
  asked(): Promise<readonly string[] | null> {
    return codesOf(this.#sign(this.other, [this.other, this.faulty]));
  }
}
