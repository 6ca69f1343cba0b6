/**
 * The fields for the messages to sign: one, or several that are signed together.
 * @module
 */
import { useEffect, useId, useRef } from "preact/hooks";
import { maxMessage } from "../../src/limits.ts";
import type { Refusal } from "../node/actions.ts";
import { type Typed, wordFor } from "../text/sign_input.ts";
import { Aside } from "./parts.tsx";

/** The hint under a text of several lines: a text field has one kind of line end, whatever was pasted into it. */
export function linesSentence(typed: string): string {
  const bytes = new TextEncoder().encode(typed).length.toLocaleString("en");
  return `${
    typed.split("\n").length
  } lines, ${bytes} bytes. Every line end is signed as one line feed (\\n); ` +
    "choose “a file” for others.";
}

export interface MessageFieldsProps extends Pick<Typed, "format" | "texts" | "files"> {
  refusal: Refusal;
  /** The most messages that the key signs together. */
  most: number;
  onTexts: (change: (before: readonly string[]) => readonly string[]) => void;
  onFiles: (files: readonly Uint8Array[]) => void;
}

/** The messages as text, hex, files or digests. */
export function MessageFields({ format, texts, files, refusal, most, onTexts, onFiles }: MessageFieldsProps) {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Among many, the refused one may be out of sight.
    if (texts.length > 1) group.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [refusal]);
  if (format === "file") return <FilesField {...{ files, refusal, most, onFiles }} />;
  const wrong = wrongItem(refusal);
  const isFull = texts.length >= most;
  const focus = (which: string) => {
    // After the fields have been painted again.
    setTimeout(() => [...group.current?.querySelectorAll<HTMLElement>(which) ?? []].at(-1)?.focus());
  };
  const add = () => {
    if (isFull) return;
    onTexts((before) => [...before, ""]);
    focus("textarea");
  };
  const remove = (at: number) => {
    onTexts((before) => before.filter((_, i) => i !== at));
    focus(".add");
  };
  return (
    <div class="messages" ref={group}>
      <div class="rows">
        {texts.map((text, i) => (
          <MessageField
            key={i}
            {...{ format, text }}
            number={texts.length === 1 ? null : i + 1}
            isWrong={wrong === i}
            onText={(typed) => onTexts((before) => before.with(i, typed))}
            onRemove={() => remove(i)}
          />
        ))}
      </div>
      {most > 1 && (
        <div class="buttons">
          <button type="button" class="quiet small add" aria-disabled={isFull} onClick={add}>
            Add another {wordFor({ format }).toLowerCase()}
          </button>
          {isFull && <span class="hint">This key signs at most {most} together.</span>}
          {!isFull && texts.length > 1 && (
            <span class="hint">All {texts.length} are signed together, or none.</span>
          )}
        </div>
      )}
    </div>
  );
}

/** The message that was refused, from 0; null if none was. The first is the only one without a number. */
function wrongItem(refusal: Refusal): number | null {
  if (refusal?.field === "message" || refusal?.field === "digest") return 0;
  const item = /^items\[(\d+)\]/.exec(refusal?.field ?? "")?.[1];
  return item === undefined ? null : Number(item);
}

function MessageField({ format, text, number, isWrong, onText, onRemove }: {
  format: Typed["format"];
  text: string;
  /** Null if there is only one. */
  number: number | null;
  isWrong: boolean;
  onText: (text: string) => void;
  onRemove: () => void;
}) {
  const id = useId();
  const word = wordFor({ format });
  const name = number === null ? word : `${word} ${number}`;
  return (
    <div class="field wide">
      <span class="named">
        <label for={id}>{format === "digest" ? `${name}, 64 hex digits` : name}</label>
        {number !== null && (
          <button type="button" class="quiet small" onClick={onRemove}>
            Remove<Aside>{name.toLowerCase()}</Aside>
          </button>
        )}
      </span>
      <textarea
        id={id}
        rows={Math.min(8, text.split("\n").length)}
        value={text}
        spellcheck={false}
        autocomplete="off"
        {...(isWrong ? { "aria-invalid": true } : {})}
        onInput={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }
        }}
      />
      {format === "text" && text.includes("\n") && <span class="hint">{linesSentence(text)}</span>}
    </div>
  );
}

/** One or several files, each of them a message. */
function FilesField({ files, refusal, most, onFiles }: Pick<
  MessageFieldsProps,
  "files" | "refusal" | "most" | "onFiles"
>) {
  const id = useId();
  const read = async (chosen: FileList | null) => {
    // One byte, and one file, more than allowed are enough to report that it is too much.
    const some = [...chosen ?? []].slice(0, most + 1);
    onFiles(
      await Promise.all(
        some.map(async (one) => new Uint8Array(await one.slice(0, maxMessage + 1).arrayBuffer())),
      ),
    );
  };
  return (
    <div class="field wide">
      <label for={id}>{most > 1 ? "Message, or several" : "Message"}</label>
      <input
        id={id}
        type="file"
        multiple={most > 1}
        {...(wrongItem(refusal) !== null ? { "aria-invalid": true } : {})}
        onChange={(event) => void read(event.currentTarget.files)}
      />
      {files.length > 1 && (
        <span class="hint">{files.length} files, each a message. They are signed together, or none.</span>
      )}
    </div>
  );
}
