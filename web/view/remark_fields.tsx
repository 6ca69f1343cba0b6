/**
 * The fields for the asker's own words: the note for those who approve, and the application's own id.
 * @module
 */
import { maxNote, maxReference } from "../../src/limits.ts";
import type { Refusal } from "../node/actions.ts";
import { clean } from "../text/clean.ts";

const limits = { note: maxNote, reference: maxReference } as const;

/** One field. The library checks what is typed: the browser only stops at the longest text. */
export function RemarkField({ field, label, text, refusal, onText }: {
  field: keyof typeof limits;
  label: string;
  text: string;
  refusal: Refusal;
  onText: (text: string) => void;
}) {
  return (
    <label class="field wide">
      <span>{label}</span>
      <input
        type="text"
        value={text}
        maxLength={limits[field]}
        autocomplete="off"
        {...(refusal?.field === field ? { "aria-invalid": true } : {})}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}

export const noteLabel = "Note for those who approve (optional)";

/** Both fields of the form for a signature, folded away until somebody wants them. */
export function RemarkFields({ note, reference, refusal, onNote, onReference }: {
  note: string;
  reference: string;
  refusal: Refusal;
  onNote: (note: string) => void;
  onReference: (reference: string) => void;
}) {
  const about = [note, reference].map((text) => clean(text, 40)).filter((text) => text !== "");
  return (
    <details class="plain">
      <summary>
        {about.length === 0 ? "Add a note or a reference" : `Note and reference: ${about.join(", ")}`}
      </summary>
      <div class="fields">
        <RemarkField field="note" label={noteLabel} text={note} refusal={refusal} onText={onNote} />
        <RemarkField
          field="reference"
          label="Reference: your own number for it (optional)"
          text={reference}
          refusal={refusal}
          onText={onReference}
        />
      </div>
    </details>
  );
}
