/**
 * Who asks this tab to sign, one after the other, and what its person has said.
 * @module
 */
import type { ApprovalRequest, Approve } from "../../mod.ts";

/** Somebody asks. */
export interface Ask {
  /** Counts from 1. */
  id: number;
  request: ApprovalRequest;
}

/** `always`: yes, and also to whatever the same peer asks of the same key, for as long as this page is open. */
export type Answer = "accept" | "decline" | "always";

export interface Approvals {
  /** Those that wait for an answer, the oldest first. */
  readonly waiting: readonly Ask[];
  /** How many rules “always” has made. */
  readonly standing: number;
  /** `changed` is told whenever somebody asks, or no longer does. */
  watch(changed: () => void): void;
  /** To be given to a node. */
  readonly approve: Approve;
  /** What is not asked any more has no answer. */
  answer(id: number, answer: Answer): void;
  /** Takes back every “always”. */
  forget(): void;
}

export function approvals(): Approvals {
  const watching = new Set<() => void>();
  let waiting: readonly Ask[] = [];
  const settle = new Map<number, (answer: "accept" | "decline") => void>();
  const standing = new Set<string>();
  let last = 0;
  const changed = () => watching.forEach((told) => told());

  function done(id: number, answer: "accept" | "decline"): void {
    settle.get(id)?.(answer);
    settle.delete(id);
    waiting = waiting.filter((ask) => ask.id !== id);
    changed();
  }
  return {
    get waiting() {
      return waiting;
    },
    get standing() {
      return standing.size;
    },
    watch: (changed) => void watching.add(changed),
    approve(request, { signal }) {
      if (standing.has(ruleFor(request))) return Promise.resolve("accept");
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<"accept" | "decline">();
      settle.set(id, resolve);
      waiting = [...waiting, { id, request }];
      // Nobody waits for this answer any more; the node has said so itself.
      if (signal.aborted) done(id, "decline");
      else {
        signal.addEventListener("abort", () => settle.has(id) && done(id, "decline"), { once: true });
        changed();
      }
      return promise;
    },
    answer(id, answer) {
      const asked = waiting.find((ask) => ask.id === id);
      if (!asked) return;
      if (answer !== "always") return done(id, answer);
      const rule = ruleFor(asked.request);
      standing.add(rule);
      for (const ask of waiting) if (ruleFor(ask.request) === rule) done(ask.id, "accept");
    },
    forget() {
      standing.clear();
      changed();
    },
  };
}

const ruleFor = ({ kind, initiator, curve, wallet }: ApprovalRequest) =>
  JSON.stringify([kind, initiator, curve, wallet]);
