/**
 * The banner of a tab whose store has gone back to an earlier state. The tab takes part in nothing until it has caught up,
 * or until its person confirms that the store may be used as it is.
 * @module
 */
import { useState } from "preact/hooks";
import type { RolledBack } from "../../../mod.ts";
import type { Problem } from "../problem.ts";

const happened: Readonly<Record<RolledBack, { title: string; text: string }>> = {
  restored: {
    title: "This tab was restored from a backup and takes part in nothing yet",
    text:
      "The cluster's members, and the pairs that must not sign together, may have changed since the backup was made. " +
      "This tab continues by itself once it has compared both with enough other holders.",
  },
  "rolled-back": {
    title: "This browser's data has gone back to an earlier state",
    text:
      "Other peers have later data signed by this tab. Keys, bans and rosters from the time between may be missing here, " +
      "so this tab takes part in nothing. Before you continue, find out why: a copied profile or a restored disk.",
  },
};

/** @param props.onConfirm Resolves to what went wrong, or null. */
export function RolledBackBanner({ rolledBack, locked, onConfirm }: {
  rolledBack: RolledBack | null;
  /** A locked tab must be unlocked first, since anybody may be using it. */
  locked: boolean;
  onConfirm: () => Promise<Problem | null>;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (rolledBack === null) return null;
  const { title, text } = happened[rolledBack];
  async function confirm(): Promise<void> {
    setBusy(true);
    setProblem(await onConfirm());
    setBusy(false);
  }
  return (
    <section class="panel lead" role="alert" aria-labelledby="rolled-back-title">
      <h2 id="rolled-back-title" class="statement">{title}</h2>
      <p>{text}</p>
      {problem !== null && <p class="problem">{problem.text}</p>}
      <div class="buttons">
        <button
          type="button"
          class="plain"
          aria-describedby="rolled-back-confirm"
          disabled={busy || locked}
          onClick={() => void confirm()}
        >
          Use it as it is
        </button>
      </div>
      <p id="rolled-back-confirm" class="hint">
        {locked
          ? "Unlock this tab to say so."
          : "Only if the others cannot be reached for good, or you know that nothing has changed since."}
      </p>
    </section>
  );
}
