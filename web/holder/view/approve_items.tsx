/**
 * The items of a batch that a person is asked to sign: all of them in order, and what they have in common once.
 * @module
 */
import { useState } from "preact/hooks";
import { Aside } from "../../view/parts.tsx";
import type { Shown, ShownBatch, ShownItem } from "../shown.ts";

/** A text line by line, with a mark at each line's end, so that blanks and empty lines are visible. */
export function Lines({ text, focusable }: {
  text: string;
  /** Whether it is a box that scrolls by itself. */
  focusable: boolean;
}) {
  const lines = text.split("\n");
  return (
    <p class="message told" {...(focusable ? { tabIndex: 0 } : {})}>
      {lines.map((line, i) => <span key={i} class={i < lines.length - 1 ? "line ended" : "line"}>{line}
      </span>)}
    </p>
  );
}

/** Parts as the lines of a list of definitions. */
export function Parts({ shown, focusable }: { shown: readonly Shown[]; focusable: boolean }) {
  return shown.map((part) => [
    <dt key={`${part.label}?`}>{part.label}</dt>,
    <dd key={part.label}>
      <Part part={part} focusable={focusable} />
    </dd>,
  ]);
}

function Part({ part: { text, plain, long }, focusable }: { part: Shown; focusable: boolean }) {
  if (plain || long) return <Lines text={text} focusable={focusable} />;
  return <code class="long told" {...(focusable ? { tabIndex: 0 } : {})}>{text}</code>;
}

/** @param word The plural word for the items. */
export function Items({ batch: { items }, word }: { batch: ShownBatch; word: string }) {
  const [hashes, setHashes] = useState(false);
  const hidden = items.some((item) => hasHidden(item));
  const [label] = items.map(({ content }) => content.label);
  const isCommon = items.every(({ content }) => content.label === label);
  return (
    <section class="asked" aria-labelledby="items-title">
      <div class="buttons">
        <h3 id="items-title">
          {items.length} {word}, in order
        </h3>
        {hidden && (
          <button
            type="button"
            class="quiet small"
            aria-pressed={hashes}
            onClick={() => setHashes(!hashes)}
          >
            {hashes ? "Hide the hashes" : "Show the hashes"}
            <Aside>of the messages</Aside>
          </button>
        )}
      </div>
      {isCommon && label !== "Message" && <p class="hint">Each: {label}</p>}
      <ol class="items" role="list" aria-labelledby="items-title">
        {items.map((item, i) => (
          <Item
            key={i}
            item={item}
            number={i + 1}
            count={items.length}
            label={isCommon ? null : item.content.label}
            hashes={hashes || !hasHidden(item)}
          />
        ))}
      </ol>
    </section>
  );
}

/** Whether an item has hashes that nobody needs, since its message can be read. */
const hasHidden = ({ content, hashes }: ShownItem) => content.plain && hashes.length > 0;

function Item({ item: { content, hashes: all, facts }, number, count, label, hashes }: {
  item: ShownItem;
  number: number;
  count: number;
  /** The name of its content; null if it is said above. */
  label: string | null;
  /** Whether to show the hashes. */
  hashes: boolean;
}) {
  const more = hashes ? [...all, ...facts] : facts;
  return (
    <li class="item">
      <p class="number">
        {number}
        <Aside>of {count}</Aside>
      </p>
      <div class="of">
        {label !== null && <p class="hint">{label}</p>}
        <Part part={content} focusable={false} />
        {more.length > 0 && (
          <dl>
            <Parts shown={more} focusable={false} />
          </dl>
        )}
      </div>
    </li>
  );
}
