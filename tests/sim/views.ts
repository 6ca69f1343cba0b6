/**
 * What every node has told of every session, one view for each node, boot and session.
 * @module
 */
import { isTerminal, type NodeEvent, type SessionEvent } from "../../src/events.ts";
import type { Outcome } from "./expected.ts";

export interface View {
  name: string;
  boot: string;
  id: string;
  kind: SessionEvent["kind"];
  began: number;
  opening: number | null;
  /** When its latest round began. */
  round: number | null;
  session: string | null;
  endedAt: number | null;
  end: (SessionEvent & { type: "done" | "failed" }) | null;
  /** Items after the end, and ends after the first. */
  after: number;
}

export const outcomeOf = ({ end }: View): Outcome | null =>
  end === null ? null : end.type === "done" ? "done" : end.code;

export class Views {
  readonly #views = new Map<string, View>();
  readonly #dead = new Set<string>();
  readonly #boots = new Map<string, string>();

  /** An item of `name`'s own view, at that virtual moment. */
  take(name: string, event: NodeEvent, now: number): void {
    if (event.type === "lagged" || !("attempt" in event) || event.id === null) return;
    this.#boots.set(name, event.boot);
    const key = `${event.boot} ${event.id}`;
    const known = this.#views.get(key);
    if (!known) {
      if (event.type === "warning") return;
      const { boot, id, kind } = event as SessionEvent & { type: "began" };
      const fresh: View = {
        name,
        boot,
        id,
        kind,
        began: now,
        opening: null,
        round: null,
        session: null,
        endedAt: null,
        end: null,
        after: 0,
      };
      this.#views.set(key, fresh);
      return this.#into(fresh, event as SessionEvent, now);
    }
    this.#into(known, event as SessionEvent, now);
  }

  #into(view: View, event: SessionEvent, now: number): void {
    if (view.end) return void view.after++;
    if (event.type === "phase" && event.phase === "opening") view.opening = now;
    if (event.type === "round" && event.state === "begun") view.round = now;
    if (event.type === "opened") view.session = event.session;
    if (!isTerminal(event)) return;
    view.end = event;
    view.endedAt = now;
  }

  /** The process is gone: what it had begun will not end. */
  died(name: string): void {
    const boot = this.#boots.get(name);
    if (boot) this.#dead.add(boot);
  }

  /** Views of processes that live, or lived until they had told the end. */
  all(): View[] {
    return [...this.#views.values()].filter(({ boot, end }) => end !== null || !this.#dead.has(boot));
  }

  of(id: string): View[] {
    return this.all().filter((view) => view.id === id);
  }

  /** Sessions that have begun and not ended. */
  open(): View[] {
    return this.all().filter(({ end }) => end === null);
  }

  /** Forgets what is over. */
  forget(): void {
    for (const [key, { end, boot }] of this.#views) {
      if (end !== null || this.#dead.has(boot)) this.#views.delete(key);
    }
  }
}
