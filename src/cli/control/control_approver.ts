/**
 * The person who is asked over the control socket before a share of the node is used.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Random } from "../../ports.ts";
import type { Approver, Asked, Decision } from "../approval/approvers.ts";
import { linesOf } from "../approval/request_text.ts";

/** The length of the code that an answer names, bytes: no two open questions have one. */
const questionCodeBytes = 4;

/** A question that waits for an answer. */
export interface OpenQuestion {
  /** Names it in the answer; drawn here, since the ids of commands are chosen by those who ask. */
  code: string;
  /** The lines that show every field that an answer covers. */
  lines: string[];
  /** The time until which an answer counts, ms since 1970. */
  expires: number;
}

/** The open questions of a node; each is answered by its code. */
export class ControlApprover implements Approver {
  readonly #random: Random;
  readonly #open = new Map<string, { asked: Asked; decide(decision: Decision | null): void }>();

  constructor(random: Random) {
    this.#random = random;
  }

  async ask(asked: Asked, { signal }: { signal: AbortSignal }): Promise<Decision | null> {
    if (signal.aborted) return null;
    const code = this.#random(questionCodeBytes).toHex();
    const { promise, resolve } = Promise.withResolvers<Decision | null>();
    const over = () => resolve(null);
    signal.addEventListener("abort", over, { once: true });
    this.#open.set(code, { asked, decide: resolve });
    try {
      return await promise;
    } finally {
      this.#open.delete(code);
      signal.removeEventListener("abort", over);
    }
  }

  /** The questions that wait for an answer, the oldest first. */
  questions(): OpenQuestion[] {
    return [...this.#open].map(([code, { asked }]) => ({
      code,
      lines: [...linesOf(asked)],
      expires: asked.request.expires,
    }));
  }

  /** Answers one. @throws {InputError} `code`, if no question with it waits. */
  answer(code: string, decision: Decision): OpenQuestion {
    const question = this.questions().find((one) => one.code === code);
    if (!question) {
      const open = [...this.#open.keys()].join(", ") || "none waits";
      throw new InputError("code", `expected that of a question that waits (${open}), found “${code}”`);
    }
    this.#open.get(code)!.decide(decision);
    return question;
  }
}
