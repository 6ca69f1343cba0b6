/**
 * The grid of a session: who did what, round by round. On a narrow page the rounds are the rows.
 * @module
 */
import type { PeerId } from "../../../src/failure.ts";
import { clean } from "../../text/clean.ts";
import type { NameOf } from "../../text/names.ts";
import type { Cell, Grid as GridOf } from "../../state/timeline.ts";

export function Grid({ grid, items, nameOf, narrow }: {
  grid: GridOf;
  /** The number of items that are signed. */
  items: number;
  nameOf: NameOf;
  narrow: boolean;
}) {
  if (grid.rows.length === 0) return null;
  const columns = grid.columns.map((column) => clean(column, 24));
  const Table = narrow ? Turned : Wide;
  return (
    <div class="rounds">
      <Table rows={grid.rows} columns={columns} nameOf={nameOf} />
      {items > 1 && <p class="hint">Each message of a round is about all {items} items.</p>}
    </div>
  );
}

interface Props {
  rows: GridOf["rows"];
  columns: readonly string[];
  nameOf: NameOf;
}

function Wide({ rows, columns, nameOf }: Props) {
  return (
    <table class="grid wide">
      <caption class="unseen">Who did what, round by round</caption>
      <thead>
        <tr>
          <td />
          {columns.map((column) => <th key={column} scope="col">{column}</th>)}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ peer, cells }) => (
          <tr key={peer}>
            <th scope="row">{nameOf(peer)}</th>
            {cells.length === 0
              ? <td class="absent" colSpan={columns.length}>not chosen</td>
              : cells.map((cell, i) => <Square key={columns[i]} cell={cell} />)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Turned({ rows, columns, nameOf }: Props) {
  const chosen = rows.filter(({ cells }) => cells.length > 0);
  const others = rows.filter(({ cells }) => cells.length === 0).map(({ peer }) => nameOf(peer));
  return (
    <>
      <table class="grid turned">
        <caption class="unseen">Who did what, round by round</caption>
        <thead>
          <tr>
            <td />
            {chosen.map(({ peer }) => <th key={peer} scope="col">{initials(peer, chosen, nameOf)}</th>)}
          </tr>
        </thead>
        <tbody>
          {columns.map((column, i) => (
            <tr key={column}>
              <th scope="row">{column}</th>
              {chosen.map(({ peer, cells }) => <Square key={peer} cell={cells[i]!} />)}
            </tr>
          ))}
        </tbody>
      </table>
      {others.length > 0 && <p class="hint">Not chosen: {others.join(", ")}.</p>}
    </>
  );
}

/** A name, shortened to two letters if there are more than four columns. */
function initials(peer: PeerId, chosen: GridOf["rows"], nameOf: NameOf) {
  const name = nameOf(peer);
  if (chosen.length <= 4) return name;
  return (
    <>
      <span aria-hidden="true">{[...name].slice(0, 2).join("")}</span>
      <span class="unseen">{name}</span>
    </>
  );
}

/** A cell: a glyph to look at and a word for screen readers; a fault shows both. */
function Square({ cell: { tone, glyph, word } }: { cell: Cell }) {
  const loud = tone === "bad" || tone === "quiet";
  return (
    <td data-tone={tone} title={word}>
      <span class="glyph" aria-hidden="true">{glyph}</span>
      <span class={loud ? "loud" : "unseen"}>{word}</span>
    </td>
  );
}
