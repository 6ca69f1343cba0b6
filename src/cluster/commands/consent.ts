/**
 * The consents of a node: its own yes to exactly one command, given by its person, its program or its rule,
 * or because the node asked for the command itself. They live in memory only, so that a restart ends them
 * all.
 * @module
 */
import { hash } from "../../crypto/codec.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import {
  clockSkew,
  maxAnswersPerInitiator,
  maxAsking,
  maxAskingPerInitiator,
  maxTimesAsked,
  withdrawAfter,
} from "../../limits.ts";
import type { Clock, Consent } from "../../ports.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import type { Signed } from "../../session/signed.ts";
import type { Command, Order } from "../records/command.ts";
import { type Approval, type Approve, type Proposed, requestOf } from "./consent/approval.ts";
import { CommandConsent } from "./consent/command_consent.ts";

/** The time for an answer before the coordinator is informed that a person is being asked, ms. */
const quickAnswerMs = 50;

type Answer = "accept" | "decline" | "unanswered";

/**
 * One question to the person or program that decides, and the number of proposals that wait for its answer.
 */
interface Question {
  readonly answer: Promise<Answer>;
  readonly initiator: PeerId;
  waiting: number;
  withdraw(): void;
}

/** A command that was asked about, kept until no clock can let it in any more. */
interface Known {
  readonly initiator: PeerId;
  readonly expires: number;
  /** The number of times that somebody was asked, with or without an answer. */
  readonly times: number;
  /** The consent, or that it was declined; null while there is neither. */
  readonly decision: CommandConsent | "declined" | null;
}

export interface ConsentsOptions {
  clock: Clock;
  self: PeerId;
  approval: Approval;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

export class Consents {
  readonly #options: ConsentsOptions;
  /** The commands by the hash of the signed command, so that another content is another question. */
  readonly #known = new Map<string, Known>();
  /** The questions without an answer, by the same hash. */
  readonly #questions = new Map<string, Question>();

  constructor(options: ConsentsOptions) {
    this.#options = options;
  }

  /** Gives a command of this node consent until the call that asks for it is over. */
  own(order: Order): Disposable {
    const key = keyOf(order.command);
    const consent = new CommandConsent(order);
    const { by, value: { expires } } = order.command;
    this.#known.set(key, { initiator: by, expires, times: 0, decision: consent });
    return {
      [Symbol.dispose]: () => {
        consent.withdraw();
        if (this.#known.get(key)?.decision === consent) this.#known.delete(key);
      },
    };
  }

  /**
   * The consent to a command: the one that was given before, or else the person or program that decides is
   * asked, once.
   *
   * @param asking Called if no answer comes within `quickAnswerMs`.
   * @param waiting Aborted when the asker no longer waits.
   * @throws {SessionError} `declined`, `unanswered`, `overloaded`, `shutdown`; `internal` if the function
   * that decides throws.
   */
  async given(
    proposed: Proposed,
    { asking, waiting }: { asking: () => void | Promise<void>; waiting: AbortSignal },
  ): Promise<Consent> {
    const { clock, self, stopping } = this.#options;
    const key = keyOf(proposed.command);
    this.#forget();
    const known = this.#known.get(key)?.decision;
    if (known === "declined") throw new SessionError("declined");
    if (known) return known;
    const ruled = this.#byRule(proposed);
    if (ruled === "decline") throw new SessionError("declined");
    if (ruled === "accept") return new CommandConsent(proposed);
    const question = this.#questions.get(key) ?? this.#ask(key, proposed);
    question.waiting++;
    try {
      const soon = await Promise.race([
        question.answer,
        pause(clock, quickAnswerMs, waiting).then(() => null),
      ]);
      if (soon === null && !waiting.aborted) await asking();
      const answer = soon ?? await orAborted(question.answer, waiting);
      if (stopping.aborted) throw new SessionError("shutdown");
      if (answer === "decline") throw new SessionError("declined");
      const given = this.#known.get(key)?.decision;
      if (answer === "accept" && given && given !== "declined") return given;
      throw new SessionError("unanswered", { missing: [self] });
    } finally {
      question.waiting--;
      const open = this.#questions.get(key) === question;
      if (question.waiting === 0 && open) void this.#withdrawSoon(question);
    }
  }

  /** Withdraws a question that nobody waits for, unless the same command is proposed again at once. */
  async #withdrawSoon(question: Question): Promise<void> {
    await pause(this.#options.clock, withdrawAfter, this.#options.stopping);
    if (question.waiting === 0) question.withdraw();
  }

  /** @throws {SessionError} `overloaded` */
  #ask(key: string, proposed: Proposed): Question {
    const { clock, stopping } = this.#options;
    const { by, value: { expires } } = proposed.command;
    const open = [...this.#questions.values()].filter(({ initiator }) => initiator === by);
    const decisions = [...this.#known.values()].filter(({ initiator, decision }) =>
      initiator === by && decision !== null
    );
    const full = this.#questions.size >= maxAsking || open.length >= maxAskingPerInitiator;
    if (full || decisions.length >= maxAnswersPerInitiator) throw new SessionError("overloaded");
    const times = this.#known.get(key)?.times ?? 0;
    if (times >= maxTimesAsked) throw new SessionError("unanswered", { missing: [this.#options.self] });
    const about = { initiator: by, expires, times: times + 1 };
    this.#known.set(key, { ...about, decision: null });
    const withdrawn = new AbortController();
    const follow = () => withdrawn.abort();
    stopping.addEventListener("abort", follow, { once: true });
    const patience = deadline(clock, Math.max(0, expires + clockSkew - clock.now()), withdrawn.signal);
    const answer = orAborted(this.#decide(proposed, patience.signal), patience.signal).then((decision) => {
      if (decision === "accept") this.#known.set(key, { ...about, decision: new CommandConsent(proposed) });
      if (decision === "decline") this.#known.set(key, { ...about, decision: "declined" });
      return decision ?? "unanswered";
    }).finally(() => {
      this.#questions.delete(key);
      patience[Symbol.dispose]();
      stopping.removeEventListener("abort", follow);
    });
    answer.catch(() => {}); // a failure reaches those that still wait for it, if any
    const question: Question = {
      answer,
      initiator: by,
      waiting: 0,
      withdraw: () => withdrawn.abort(),
    };
    this.#questions.set(key, question);
    return question;
  }

  /** The decision of a rule, made anew each time; null if a function decides. */
  #byRule({ command: { by, value: { kind, wallet } } }: Proposed): "accept" | "decline" | null {
    const { approval } = this.#options;
    if (approval === "roster") return "accept";
    if (typeof approval === "function") return null;
    const rule = kind === "reshare" ? approval.managers ?? {} : approval.initiators;
    const named = Object.hasOwn(rule, wallet) ? rule[wallet]! : [];
    return named.includes(by) ? "accept" : "decline";
  }

  async #decide(proposed: Proposed, signal: AbortSignal): Promise<"accept" | "decline"> {
    const approval = this.#options.approval as Approve;
    try {
      return await approval(requestOf(proposed), { signal }) === "accept" ? "accept" : "decline";
    } catch (cause) {
      throw new SessionError("internal", { cause });
    }
  }

  /** Forgets the answers to expired commands, which are never carried out. */
  #forget(): void {
    const now = this.#options.clock.now();
    for (const [key, { expires }] of this.#known) if (expires + clockSkew < now) this.#known.delete(key);
  }
}

/** The id of a command's content: its initiator and every field of it. */
const keyOf = ({ encoded }: Signed<Command>): string => hash("quorate/3/consent", encoded).toHex();
