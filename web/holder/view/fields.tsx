/**
 * What several forms ask for.
 * @module
 */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Keeping } from "../../../src/browser.ts";
import { normalPassphrase } from "../../../src/text/passphrase.ts";
import { clean } from "../../text/clean.ts";
import type { Problem } from "../problem.ts";
import type { Measure } from "../strength.ts";

/** One thing to type. */
export function Field(
  { label, value, onValue, type = "text", autocomplete = "off", hint, wrong = false, maxLength }: {
    label: string;
    value: string;
    onValue: (value: string) => void;
    type?: "text" | "password";
    autocomplete?: "off" | "new-password" | "current-password" | "username";
    hint?: string;
    wrong?: boolean;
    maxLength?: number;
  },
) {
  const id = useId();
  const all = {
    id,
    value,
    autocomplete,
    spellcheck: false,
    required: true,
    ...(maxLength ? { maxLength } : {}),
    ...(wrong ? { "aria-invalid": true } : {}),
    ...(hint ? { "aria-describedby": `${id}-hint` } : {}),
    onInput: (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
  };
  return (
    <div class="field wide">
      <label for={id}>{label}</label>
      {type === "password" ? <input {...all} type="password" /> : <input {...all} type="text" />}
      {hint && <span id={`${id}-hint`} class="hint">{hint}</span>}
    </div>
  );
}

/** A file of the person's. */
export function FileField({ label, onFile }: { label: string; onFile: (file: File | null) => void }) {
  return (
    <label class="field wide">
      <span>{label}</span>
      <input type="file" required onChange={(event) => onFile(event.currentTarget.files?.[0] ?? null)} />
    </label>
  );
}

export function Wrong({ problem }: { problem: Problem | null }) {
  return problem && <p class="problem" role="alert">{clean(problem.text, 300)}</p>;
}

/** A new passphrase, as typed the first and the second time. */
export type Twice = readonly [first: string, second: string];
export const untyped: Twice = ["", ""];

/** Asks for a new passphrase, twice: it cannot be seen. */
export function NewPassphrase({ label, hint, typed, onTyped, wrong }: {
  label: string;
  hint: string;
  typed: Twice;
  /** Given what to change: a password manager fills both at once. */
  onTyped: (change: (typed: Twice) => Twice) => void;
  wrong: boolean;
}) {
  const [first, second] = typed;
  const common = { type: "password", autocomplete: "new-password", wrong } as const;
  return (
    <>
      <Field
        {...common}
        label={label}
        hint={hint}
        value={first}
        onValue={(now) => onTyped(([, again]) => [now, again])}
      />
      <Field
        {...common}
        label="The same once more"
        value={second}
        onValue={(now) => onTyped(([once]) => [once, now])}
      />
    </>
  );
}

/** What is wrong with a new passphrase, or null. @param about See {@linkcode Measure}. */
export async function refused(
  [first, second]: Twice,
  measure: Measure,
  about: readonly string[],
): Promise<Problem | null> {
  const weak = await measure(first, about);
  if (weak !== null) return { field: "passphrase", text: weak };
  return normalPassphrase(first) === normalPassphrase(second)
    ? null
    : { field: "passphrase", text: "The two passphrases are not the same." };
}

/** Whether this page is at a bare address: passkeys belong to names (WebAuthn §5.1.3, effective domains). */
const nameless = () => /^[\d.]+$|^\[/.test(globalThis.location?.hostname ?? "");

/** A name and a lock, and whatever `children` ask besides. */
export function KeepingForm({ says, name: before = "", busy, problem, measure, onKeep, children }: {
  /** On the button, idle and busy. */
  says: readonly [string, string];
  /** What was typed before. */
  name?: string;
  busy: boolean;
  problem: Problem | null;
  measure: Measure;
  onKeep: (how: Keeping) => void;
  children?: ComponentChildren;
}) {
  const [name, setName] = useState(before);
  const [by, setBy] = useState<"passphrase" | "passkey">("passphrase");
  const [typed, setTyped] = useState(untyped);
  const [own, setOwn] = useState<Problem | null>(null);
  const group = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const wrong = by === "passphrase" ? await refused(typed, measure, [name]) : null;
    setOwn(wrong);
    if (wrong) return;
    const lock = by === "passphrase" ? { passphrase: typed[0] } : { passkey: { name: `Quorate: ${name}` } };
    onKeep({ name, lock });
  };
  const shown = own ?? problem;
  return (
    <form onSubmit={submit}>
      {children}
      <Field
        label="Your name, as the others will see it"
        value={name}
        onValue={setName}
        autocomplete="username"
        maxLength={32}
        wrong={shown?.field === "name"}
      />
      <fieldset class="field">
        <legend>What locks it in this browser</legend>
        {(["passphrase", "passkey"] as const).map((one) => (
          <label key={one} class="tick">
            <input
              type="radio"
              name={group}
              checked={by === one}
              disabled={one === "passkey" && nameless()}
              onChange={() => setBy(one)}
            />
            {one === "passphrase" ? "A passphrase" : "A passkey"}
            {one === "passkey" && nameless() && " (needs this page at a name, such as localhost)"}
          </label>
        ))}
      </fieldset>
      {by === "passphrase"
        ? (
          <NewPassphrase
            label="Passphrase"
            hint="Four words or more that have nothing to do with each other. Nobody can reset it."
            typed={typed}
            onTyped={setTyped}
            wrong={shown?.field === "passphrase"}
          />
        )
        : (
          <p class="hint">
            Your browser will ask for a fingerprint, a face or a PIN, now and at each unlocking.
          </p>
        )}
      <Wrong problem={shown} />
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>{busy ? says[1] : says[0]}</button>
      </div>
    </form>
  );
}
