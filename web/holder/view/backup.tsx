/**
 * A backup: made, and read back from where it was put.
 * @module
 */
import { useState } from "preact/hooks";
import { clean } from "../../text/clean.ts";
import type { Holding } from "../holding.ts";
import type { Problem } from "../problem.ts";
import type { Measure } from "../strength.ts";
import { Field, FileField, NewPassphrase, refused, untyped, Wrong } from "./fields.tsx";

/** Gives the person a file. */
export type Save = (name: string, content: Uint8Array) => void;

export function Backup({ holding, save, measure }: { holding: Holding; save: Save; measure: Measure }) {
  const [typed, setTyped] = useState(untyped);
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const make = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const wrong = await refused(typed, measure, [holding.state.kept.name]);
    setProblem(wrong);
    if (wrong) return setBusy(false);
    const made = await holding.backUp(typed[0]);
    setBusy(false);
    if (!(made instanceof Uint8Array)) return setProblem(made);
    const name = fileName(holding.state.kept.name);
    save(name, made);
    setSaved(name);
    setTyped(untyped);
  };
  return (
    <div class="panel">
      <form onSubmit={make} aria-label="Make a backup">
        <NewPassphrase
          label="Passphrase for the backup"
          hint="Four words or more that have nothing to do with each other. Without it nobody can open the file, you included."
          typed={typed}
          onTyped={setTyped}
          wrong={problem !== null}
        />
        <Wrong problem={problem} />
        <div class="buttons">
          <button type="submit" class="plain" aria-disabled={busy}>
            {busy ? "Encrypting…" : "Download a backup"}
          </button>
        </div>
      </form>
      {saved && (
        <p role="status">
          “{clean(saved, 80)}” is on its way to your downloads. It is no backup before it was read back.
        </p>
      )}
      <ReadBack holding={holding} />
    </div>
  );
}

function ReadBack({ holding }: { holding: Holding }) {
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [state, setState] = useState<"idle" | "busy" | "good">("idle");
  const [problem, setProblem] = useState<Problem | null>(null);
  const read = async (event: Event) => {
    event.preventDefault();
    if (state === "busy") return;
    if (file === null) return setProblem({ field: "backup", text: "Choose the backup's file." });
    setState("busy");
    setProblem(null);
    const wrong = await holding.readBack(new Uint8Array(await file.arrayBuffer()), passphrase);
    setProblem(wrong);
    setState(wrong ? "idle" : "good");
    if (!wrong) setPassphrase("");
  };
  return (
    <form onSubmit={read} aria-label="Read a backup back">
      <FileField label="Read it back: the file" onFile={setFile} />
      <Field
        label="Its passphrase"
        type="password"
        autocomplete="current-password"
        value={passphrase}
        onValue={setPassphrase}
        wrong={problem?.field === "passphrase"}
      />
      <Wrong problem={problem} />
      <div class="buttons">
        <button type="submit" class="plain" aria-disabled={state === "busy"}>
          {state === "busy" ? "Checking every share…" : "Read it back"}
        </button>
      </div>
      {state === "good" && <p role="status" class="good">Read back: every share in it is sound.</p>}
    </form>
  );
}

/** `quorate-ada.age`; letters and digits only, since a name is free text. */
function fileName(name: string): string {
  const plain = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  return `quorate-${plain || "backup"}.age`;
}
