/**
 * What this tab is and keeps: its identity, its lock, its storage, its backups, and how it leaves.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { Persistence } from "../../../src/browser.ts";
import { clean } from "../../text/clean.ts";
import { curveTitles, list } from "../../text/names.ts";
import type { Holding, HoldingState } from "../holding.ts";
import type { Problem } from "../problem.ts";
import type { Measure } from "../strength.ts";
import { Backup, type Save } from "./backup.tsx";
import { Field, Wrong } from "./fields.tsx";

const place = "this-tab";
const backupPlace = "this-tab-backup";

/** Opens the settings where backups are. */
export function showBackup(): void {
  document.querySelector<HTMLDetailsElement>(`#${place}`)!.open = true;
  document.querySelector<HTMLElement>(`#${backupPlace}`)!.focus();
}

const minutes = [1, 5, 15, 60, 240];

export function Settings({ holding, save, measure }: { holding: Holding; save: Save; measure: Measure }) {
  const { state } = holding;
  return (
    <details id={place} class="plain settings">
      <summary>This tab: its lock, its backup, its storage</summary>
      <section class="panel" aria-labelledby="who-title">
        <h3 id="who-title">Who it is</h3>
        <p class="name">{clean(state.kept.name, 64)}</p>
        <p class="hint">
          <code class="long">{state.kept.peer}</code>
        </p>
      </section>
      <section class="panel" aria-labelledby="lock-title">
        <h3 id="lock-title">Lock</h3>
        <p>
          {state.locked ? "It is locked" : "It is open"}; a {state.kept.lock} opens it.
        </p>
        <label class="field">
          <span>Locks by itself when nobody was active for</span>
          <select
            value={state.lockMinutes}
            onChange={(event) => holding.setLockMinutes(Number(event.currentTarget.value))}
          >
            {[...new Set([...minutes, state.lockMinutes])].toSorted((a, b) => a - b).map((one) => (
              <option key={one} value={one}>{one === 1 ? "1 minute" : `${one} minutes`}</option>
            ))}
          </select>
        </label>
      </section>
      <section class="panel" aria-labelledby="storage-title">
        <h3 id="storage-title">Storage</h3>
        <p>{storageSentence(state.storage)}</p>
      </section>
      <section class="panel" aria-labelledby={backupPlace}>
        <h3 id={backupPlace} tabIndex={-1}>Backup</h3>
        <p>{backupSentence(state)}</p>
        {state.locked
          ? <p class="hint">Unlock this tab to make one.</p>
          : <Backup holding={holding} save={save} measure={measure} />}
      </section>
      <section class="panel" aria-labelledby="leave-title">
        <h3 id="leave-title">Leave</h3>
        <Leave holding={holding} />
      </section>
    </details>
  );
}

export function storageSentence(storage: Persistence | null): string {
  if (storage === null) return "Being asked…";
  const { persisted, usage, quota } = storage;
  if (quota === null) return "This browser does not say. Keep a backup.";
  const used = `${megabytes(usage ?? 0)} of ${megabytes(quota)} are in use.`;
  if (persisted) return `The browser has promised to keep what is stored here until you clear it. ${used}`;
  const full = usage !== null && usage > quota * 0.9 ? " It is almost full: free some disk space." : "";
  return "The browser has not promised to keep what is stored here: it may clear it when space is short, and a " +
    `private window clears it when it is closed. Only a backup is safe. ${used}${full}`;
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000).toLocaleString("en")} MB`;

export function backupSentence({ backup }: Pick<HoldingState, "backup">): string {
  if (backup === null) return "Being looked up…";
  const { at, covered, uncovered } = backup;
  const when = at === null ? null : new Date(at).toLocaleString("en");
  const last = when === null
    ? "No backup was read back yet."
    : `The last backup that was read back is of ${when}.`;
  if (covered.length + uncovered.length === 0) return `${last} This tab holds no share.`;
  if (uncovered.length === 0) return `${last} Every key of this tab is in it.`;
  const names = list(uncovered.map(({ wallet, curve }) => `“${clean(wallet, 64)}” on ${curveTitles[curve]}`));
  return `${last} In no backup as ${uncovered.length === 1 ? "it is" : "they are"} now: ${names}.`;
}

const leaving = "forget my shares";

function Leave({ holding }: { holding: Holding }) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.trim() !== leaving) {
      return setProblem({ field: null, text: `Type “${leaving}” to say that you mean it.` });
    }
    void holding.leave().then(setProblem);
  };
  return (
    <form onSubmit={submit} aria-describedby={id}>
      <p id={id}>
        This browser forgets who it is and its shares. Without a backup they are lost; keys that need this
        holder cannot sign any more. The others keep it in their roster until whoever holds the admin key
        takes it out.
      </p>
      <Field label={`Type “${leaving}”`} value={typed} onValue={setTyped} wrong={problem !== null} />
      <Wrong problem={problem} />
      <div class="buttons">
        <button type="submit" class="plain">Forget this identity</button>
      </div>
    </form>
  );
}
