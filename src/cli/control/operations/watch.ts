/**
 * The events of a node as they happen, each fault with the sentences of the page.
 * @module
 */
import { isFault, type NodeEvent } from "../../../events.ts";
import { explain } from "../../../explain.ts";
import { nameIn } from "../peer_names.ts";
import type { Performing } from "../performing.ts";
import { sentencesIn } from "../replies.ts";
import type { RequestOf } from "../requests.ts";

/** Emits events until the node stops, or nobody watches any more. */
export async function watch(
  { faults, replay }: RequestOf<"watch">,
  { node, signal, emit }: Performing,
): Promise<null> {
  const reader = (faults ? node.errors({ replay }) : node.events({ replay })).getReader();
  const end = () => void reader.cancel();
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted) return null;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await emit(next.value, linesOf(next.value));
    }
  } finally {
    signal.removeEventListener("abort", end);
    await reader.cancel();
  }
  return null;

  /** The sentences about a fault, under what it is about and whose view it is. */
  function linesOf(event: NodeEvent): string | null {
    if (event.type === "lagged") return `${event.dropped} events were not shown: they came too fast.`;
    if (!isFault(event)) return null;
    const nameOf = nameIn(node);
    const about = event.wallet === null ? [] : [`“${event.wallet}”`, event.kind ?? ""];
    const at = new Date(event.at).toISOString();
    const head = [at, ...about, `${event.code}, seen by ${nameOf(event.peer)}`].join("  ");
    return `${head}\n${sentencesIn(explain(event, nameOf, node.self))}`;
  }
}
