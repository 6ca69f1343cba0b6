/**
 * The surroundings of a request that a node performs, and the following of a session that it begins.
 * @module
 */
import type { Session } from "../../cluster/commands/handle.ts";
import { SessionError } from "../../errors.ts";
import type { NodeEvent, SessionEvent } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { QuorateNode } from "../../node/api.ts";
import type { ControlApprover } from "./control_approver.ts";
import { nameIn } from "./peer_names.ts";
import { explained } from "./replies.ts";

/** The node of a request, and whoever made it. */
export interface Performing {
  node: QuorateNode;
  /** The questions of the node; null if nobody is asked here. */
  approver: ControlApprover | null;
  /** The start of the node, ms since 1970. */
  started: number;
  /** Aborts when the asker has gone: a session that the request began is cancelled. */
  signal: AbortSignal;
  /** Takes a line about what is going on, for requests that take long. */
  progress(line: string): void;
  /** Takes lines that are shown in any case. */
  note(lines: string): void;
  /** Takes an event; resolves when there is room for the next one. */
  emit(event: NodeEvent, lines: string | null): Promise<void>;
}

/**
 * The result of a session; meanwhile there is a line for each of its steps. It is cancelled when whoever asked has gone.
 *
 * @throws {ExplainedFailure}
 */
export async function resultOf<T>(
  { node, signal, progress, note }: Performing,
  session: Session<T>,
): Promise<T> {
  const cancel = () => session.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  const nameOf = nameIn(node);
  const following = (async () => {
    for await (const event of session.events()) {
      if (event.type === "asking") note(`${nameOf(event.other)} is being asked …`);
      const line = lineOf(event, nameOf);
      if (line !== null) progress(line);
    }
  })();
  try {
    const result = await session.result;
    await following;
    return result;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    throw explained(error, node.self, nameOf);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The line about a step of a session; null for one that a person need not know of. */
function lineOf(event: SessionEvent, nameOf: (peer: PeerId) => string): string | null {
  const names = (peers: readonly PeerId[]) => peers.map(nameOf).join(", ");
  switch (event.type) {
    case "proposed":
      return `inviting ${names(event.party)} …`;
    case "opened":
      return `running with ${names(event.party)} …`;
    case "round":
      return event.state === "begun" ? `round “${event.round}” …` : null;
    case "work":
      return `computing, ${Math.round(event.done * 100)} % …`;
    default:
      return null;
  }
}
