/**
 * The person who is asked by a node that was started for one command, and has no control socket.
 * @module
 */
import type { Approver } from "./approvers.ts";
import { linesOf } from "./request_text.ts";

/** The surroundings of the command for which a node was started. */
export interface CommandApproverOptions {
  /** The person at the terminal of the command; null if there is no terminal. */
  terminal: Approver | null;
  /** The configuration's file, as it was named. */
  config: string;
  /** Takes lines for whoever gave the command. */
  note(lines: string): void;
}

/**
 * An approver that asks at the terminal. Without one, or after the end of its input, it declines at once, since nobody
 * can reach this node in another way: a request would only run into its expiry.
 */
export function commandApprover({ terminal, config, note }: CommandApproverOptions): Approver {
  return {
    async ask(asked, { signal }) {
      const decision = await terminal?.ask(asked, { signal }) ?? null;
      if (decision !== null || signal.aborted) return decision;
      const [request] = linesOf(asked);
      note(`${request}\n${nobodyThere(config)}`);
      return "decline";
    },
  };
}

const nobodyThere = (config: string): string =>
  `Declined: ${config} says “ask”, and there is nobody to ask at a terminal here. To answer such requests, run the ` +
  `node (quorate run ${config}): then quorate approve ${config} shows them.`;
