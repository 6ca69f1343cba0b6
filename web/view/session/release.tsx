/**
 * The button that lets this tab use a key again, or a pair: behind a summary, so that one press does nothing.
 * @module
 */
import { useState } from "preact/hooks";
import type { PeerId } from "../../../src/failure.ts";
import type { Act } from "../../node/actions.ts";
import type { GroupKey } from "../../node/node_port.ts";
import { clean } from "../../text/clean.ts";

/** @param props.peer The other peer of a quarantined pair; left out for the key itself. */
export function Release({ groupKey: key, peer, name, act }: {
  groupKey: GroupKey;
  peer?: PeerId;
  /** The thing to release, as the person reads it. */
  name: string;
  act: Act;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const release = async () => setProblem((await act.unfreeze(key, peer))?.message ?? null);
  return (
    <details class="plain">
      <summary>Let this tab use {name} again…</summary>
      <p>Only once you know why: each failure can tell a cheater something.</p>
      {problem !== null && <p class="problem" role="alert">{clean(problem, 200)}</p>}
      <button type="button" class="plain small" onClick={() => void release()}>Use {name} again</button>
    </details>
  );
}
