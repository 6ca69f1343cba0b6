/**
 * The requests for this tab's approval, one after the other, and its person's answers.
 * @module
 */
import type { ApprovalRequest, Approve } from "../../mod.ts";
import { isReadable } from "./shown.ts";

/** A request that waits for an answer. */
export interface Ask {
  /** Counts from 1. */
  id: number;
  request: ApprovalRequest;
}

/** The outcome of a request. `rule`: a rule approved it. `lapsed`: it was withdrawn or expired without an answer. */
export interface Answered {
  request: ApprovalRequest;
  how: "accept" | "decline" | "rule" | "lapsed";
}

/** A rule made by “always”: further requests of the same peer for the same key are approved without asking. */
export interface Rule {
  /** Counts from 1. */
  id: number;
  about: Pick<ApprovalRequest, "kind" | "initiator" | "scheme" | "wallet">;
  /** Whether the rule covers requests that can be read; else it covers those that cannot. */
  readable: boolean;
  /** The number of requests that it has approved. */
  used: number;
}

/** The number of outcomes to keep: as many as the page keeps sessions. */
const answersKept = 60;

/**
 * `always`: accepts this and every further request of the same peer for the same key, until the page is closed; of a
 * resharing, this one only.
 */
export type Answer = "accept" | "decline" | "always";

/** The time after a request is shown in which it cannot be approved, ms: its dialog may open under a click meant for something else. */
export const deadMs = 1_000;

export interface Approvals {
  /** The requests that wait for an answer, the oldest first. */
  readonly waiting: readonly Ask[];
  /** The rules in force, the oldest first. */
  readonly rules: readonly Rule[];
  /** The outcomes since this page was opened, the oldest first. */
  readonly answers: readonly Answered[];
  /** Calls `changed` whenever a request arrives or is over. */
  watch(changed: () => void): void;
  /** The function to give to a node. */
  readonly approve: Approve;
  /**
   * Answers a request, unless it is over. An approval counts only if the person can have meant it: the request must have
   * been on show for {@linkcode deadMs}, and, without `checked`, it must be readable as a whole.
   *
   * @param options.checked Whether the person states that they have checked elsewhere what is signed.
   */
  answer(id: number, answer: Answer, options?: { checked?: boolean }): void;
  /** Revokes a rule. */
  forget(rule: number): void;
}

/** @param options.now Monotonic, ms. */
export function approvals({ now = () => performance.now() }: { now?: () => number } = {}): Approvals {
  const watching = new Set<() => void>();
  let waiting: readonly Ask[] = [];
  const settle = new Map<number, (answer: "accept" | "decline") => void>();
  const rules = new Map<string, Rule>();
  let answers: readonly Answered[] = [];
  let made = 0;
  let last = 0;
  /** The request on show, and the time since which it is shown. */
  let shown: { id: number; since: number } | null = null;
  function changed(): void {
    const id = waiting[0]?.id;
    if (id === undefined) shown = null;
    else if (shown?.id !== id) shown = { id, since: now() };
    watching.forEach((notify) => notify());
  }

  function keep(request: ApprovalRequest, how: Answered["how"]): void {
    answers = [...answers, { request, how }].slice(-answersKept);
  }
  function done(id: number, how: Exclude<Answered["how"], "rule">): void {
    const ask = waiting.find((one) => one.id === id);
    if (ask) keep(ask.request, how);
    settle.get(id)?.(how === "accept" ? "accept" : "decline");
    settle.delete(id);
    waiting = waiting.filter((ask) => ask.id !== id);
    changed();
  }
  return {
    get waiting() {
      return waiting;
    },
    get rules() {
      return [...rules.values()];
    },
    get answers() {
      return answers;
    },
    watch: (changed) => void watching.add(changed),
    approve(request, { signal }) {
      const name = ruleFor(request);
      const rule = rules.get(name);
      if (rule) {
        rules.set(name, { ...rule, used: rule.used + 1 });
        keep(request, "rule");
        changed();
        return Promise.resolve("accept");
      }
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<"accept" | "decline">();
      settle.set(id, resolve);
      waiting = [...waiting, { id, request }];
      // The node aborts a request that nobody waits for any more.
      if (signal.aborted) done(id, "lapsed");
      else {
        signal.addEventListener("abort", () => settle.has(id) && done(id, "lapsed"), { once: true });
        changed();
      }
      return promise;
    },
    answer(id, answer, { checked = false } = {}) {
      const ask = waiting.find((one) => one.id === id);
      if (!ask) return;
      if (answer !== "decline") {
        if (shown?.id !== id || now() - shown.since < deadMs) return;
        if (!checked && !isReadable(ask.request)) return;
      }
      if (answer !== "always") return done(id, answer);
      if (ask.request.kind === "reshare") return done(id, "accept");
      const name = ruleFor(ask.request);
      if (!rules.has(name)) rules.set(name, newRule(++made, ask.request));
      for (const ask of waiting) if (ruleFor(ask.request) === name) done(ask.id, "accept");
    },
    forget(rule) {
      for (const [name, { id }] of rules) if (id === rule) rules.delete(name);
      changed();
    },
  };
}

function newRule(id: number, request: ApprovalRequest): Rule {
  const { kind, initiator, scheme, wallet } = request;
  return { id, about: { kind, initiator, scheme, wallet }, readable: isReadable(request), used: 0 };
}

/** The name of the rule for a request. Readable and unreadable requests have rules of their own. */
const ruleFor = (request: ApprovalRequest) => {
  const { kind, initiator, scheme, wallet } = request;
  return JSON.stringify([kind, initiator, scheme, wallet, isReadable(request)]);
};
