/**
 * The banner of a tab whose store is a former state of itself: it takes part in nothing until it has caught up, or its
 * person says that it may be used as it is.
 * @module
 */
import { useState } from "preact/hooks";
import type { RolledBack } from "../../../mod.ts";
import type { Problem } from "../problem.ts";

const happened: Readonly<Record<RolledBack, { title: string; text: string }>> = {
  restored: {
    title: "This tab was restored from a backup and takes part in nothing yet",
    text:
      "Who belongs to the cluster and who must not sign together may have changed since the backup was made. It goes " +
      "on by itself as soon as it has compared that with enough other holders.",
  },
  "rolled-back": {
    title: "What this browser keeps has gone back to an earlier state",
    text:
      "Others have this tab's own signed word for a later one. Keys, bans and rosters of the time between may be " +
      "missing here, so it takes part in nothing. Find out why before you go on: a copied profile, a restored disk.",
  },
};

/** @param onConfirm Resolves with what went wrong, or null. */
export function RolledBackBanner({ rolledBack, locked, onConfirm }: {
  rolledBack: RolledBack | null;
  /** A locked tab is unlocked first: whoever stands before it need not be its person. */
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
