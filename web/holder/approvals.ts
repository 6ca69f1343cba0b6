/**
 * Who asks this tab to sign, one after the other, and what its person has said.
 * @module
 */
import type { ApprovalRequest, Approve } from "../../mod.ts";
import { isReadable } from "./shown.ts";

/** Somebody asks. */
export interface Ask {
  /** Counts from 1. */
  id: number;
  request: ApprovalRequest;
}

/** What became of a request at this tab. `rule`: a standing rule said yes. `lapsed`: nobody waits for an answer any more. */
export interface Answered {
  request: ApprovalRequest;
  how: "accept" | "decline" | "rule" | "lapsed";
}

/** What “always” has made: whatever the same peer asks of the same key is approved without asking. */
export interface Rule {
  /** Counts from 1. */
  id: number;
  about: Pick<ApprovalRequest, "kind" | "initiator" | "curve" | "wallet">;
  /** Whether it is for what can be read; else for what cannot. */
  readable: boolean;
  /** How often it has said yes. */
  used: number;
}

/** So many answers are kept: as many as the page has sessions. */
const answersKept = 60;

/** `always`: yes, and also to whatever the same peer asks of the same key, for as long as this page is open. */
export type Answer = "accept" | "decline" | "always";

/** For so long after it is shown nothing approves a request, ms: its dialog opens under a pointer that is pressing something. */
export const deadMs = 1_000;

export interface Approvals {
  /** Those that wait for an answer, the oldest first. */
  readonly waiting: readonly Ask[];
  /** What “always” has made, the oldest first. */
  readonly rules: readonly Rule[];
  /** What became of the requests since this page was opened, the oldest first. */
  readonly answers: readonly Answered[];
  /** `changed` is told whenever somebody asks, or no longer does. */
  watch(changed: () => void): void;
  /** To be given to a node. */
  readonly approve: Approve;
  /**
   * Answers one. Not asked any more, it has no answer; and no yes counts that a person cannot have meant: to a request
   * that is not the one on show, or not for {@linkcode deadMs} yet, or, without `checked`, to what cannot be read whole.
   *
   * @param options.checked Whether the person says that it has checked what is signed elsewhere.
   */
  answer(id: number, answer: Answer, options?: { checked?: boolean }): void;
  /** Takes back one “always”. */
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
  /** The request on show, and since when. */
  let shown: { id: number; since: number } | null = null;
  function changed(): void {
    const id = waiting[0]?.id;
    if (id === undefined) shown = null;
    else if (shown?.id !== id) shown = { id, since: now() };
    watching.forEach((told) => told());
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
      // Nobody waits for this answer any more; the node has said so itself.
      if (signal.aborted) done(id, "lapsed");
      else {
        signal.addEventListener("abort", () => settle.has(id) && done(id, "lapsed"), { once: true });
        changed();
      }
      return promise;
    },
    answer(id, answer, { checked = false } = {}) {
      const asked = waiting.find((ask) => ask.id === id);
      if (!asked) return;
      if (answer !== "decline") {
        if (shown?.id !== id || now() - shown.since < deadMs) return;
        if (!checked && !isReadable(asked.request)) return;
      }
      if (answer !== "always") return done(id, answer);
      const { kind, initiator, curve, wallet } = asked.request;
      const name = ruleFor(asked.request);
      const about = { kind, initiator, curve, wallet };
      if (!rules.has(name)) {
        rules.set(name, { id: ++made, about, readable: isReadable(asked.request), used: 0 });
      }
      for (const ask of waiting) if (ruleFor(ask.request) === name) done(ask.id, "accept");
    },
    forget(rule) {
      for (const [name, { id }] of rules) if (id === rule) rules.delete(name);
      changed();
    },
  };
}

/** What can be read and what cannot are two rules: an “always” to one is none to the other. */
const ruleFor = (request: ApprovalRequest) => {
  const { kind, initiator, curve, wallet } = request;
  return JSON.stringify([kind, initiator, curve, wallet, isReadable(request)]);
};
