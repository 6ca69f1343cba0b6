/**
 * Opening a lock: when the page is opened, and after it was locked.
 * @module
 */
import { useState } from "preact/hooks";
import type { Kept, Opener } from "../../../src/browser.ts";
import { clean } from "../../text/clean.ts";
import type { Problem } from "../problem.ts";
import { Field, Wrong } from "./fields.tsx";

export function Unlock({ kept, busy, problem, onUnlock }: {
  kept: Pick<Kept, "name" | "lock">;
  busy: boolean;
  problem: Problem | null;
  onUnlock: (opener: Opener) => void;
}) {
  const [passphrase, setPassphrase] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy) return;
    onUnlock(kept.lock === "passkey" ? { passkey: true } : { passphrase });
    setPassphrase("");
  };
  return (
    <form onSubmit={submit}>
      {/* For the browser's own keeper of passphrases. */}
      <input type="text" autocomplete="username" value={kept.name} readOnly hidden />
      {kept.lock === "passphrase"
        ? (
          <Field
            label={`Passphrase of “${clean(kept.name, 64)}”`}
            type="password"
            autocomplete="current-password"
            value={passphrase}
            onValue={setPassphrase}
            wrong={problem?.field === "passphrase"}
          />
        )
        : <p>“{clean(kept.name, 64)}” is locked with a passkey. Your browser will ask for it.</p>}
      <Wrong problem={problem} />
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>{busy ? "Unlocking…" : "Unlock"}</button>
      </div>
    </form>
  );
}
