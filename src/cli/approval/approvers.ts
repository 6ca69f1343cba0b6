/**
 * The people who can be asked whether this node takes part in a command: at its terminal, over its control socket.
 * @module
 */
import type { ApprovalRequest, Approve } from "../../cluster/commands/consent/approval.ts";
import type { PeerId } from "../../failure.ts";

/** A decision about one request. */
export type Decision = "accept" | "decline";

/** A request, with what it takes to show it. */
export interface Asked {
  readonly request: ApprovalRequest;
  /** The name of a peer in the roster now, or its id. */
  nameOf(peer: PeerId): string;
}

/** Somebody who can be asked: the port for a terminal, a control socket, or another way to reach a person. */
export interface Approver {
  /**
   * Asks about one request.
   *
   * @param options.signal Aborts when somebody else has decided, or nobody waits for the decision any more.
   * @returns The decision, or null if none will come from here: nobody is there, or the signal has aborted.
   */
  ask(asked: Asked, options: { signal: AbortSignal }): Promise<Decision | null>;
}

/** A request that nobody has decided, and the end of asking about it. */
interface Open {
  readonly asked: Asked;
  readonly over: AbortController;
  decide(decision: Decision): void;
  fail(error: unknown): void;
}

/**
 * The approvers of one node. Everybody who is there is asked at the same time, also whoever comes while a request is
 * open; the first decision counts. If nobody decides, the command ends with `unanswered` once it expires.
 */
export class Approvers {
  readonly #approvers = new Set<Approver>();
  readonly #open = new Set<Open>();

  /** Adds somebody, who is asked about open requests at once, until disposed of. */
  add(approver: Approver): Disposable {
    this.#approvers.add(approver);
    for (const open of this.#open) ask(approver, open);
    return { [Symbol.dispose]: () => void this.#approvers.delete(approver) };
  }

  /** The option `approve` of the node whose approvers these are. */
  approval(nameOf: (peer: PeerId) => string): Approve {
    return (request, { signal }) => this.#decide({ request, nameOf }, signal);
  }

  async #decide(asked: Asked, signal: AbortSignal): Promise<Decision> {
    const over = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Decision>();
    const open: Open = { asked, over, decide: resolve, fail: reject };
    const stop = () => {
      this.#open.delete(open);
      over.abort();
    };
    if (!signal.aborted) this.#open.add(open);
    signal.addEventListener("abort", stop, { once: true });
    for (const approver of this.#approvers) if (!signal.aborted) ask(approver, open);
    try {
      return await promise; // for ever, if nobody decides: the node waits until the command expires
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }
}

function ask(approver: Approver, { asked, over, decide, fail }: Open): void {
  approver.ask(asked, { signal: over.signal }).then((decision) => {
    if (decision !== null) decide(decision);
  }, fail);
}
