/**
 * The part of the approval dialog that shows a resharing.
 * @module
 */
import type { ReshareRequested } from "../../../mod.ts";
import type { State } from "../../state/model.ts";
import { namer } from "../../text/names.ts";
import { shownReshare } from "../shown_reshare.ts";

interface Props {
  request: ReshareRequested;
  peers: State["peers"];
  self: State["self"];
}

/** The changes, as lines of the dialog's list. */
export function ReshareLines({ request, peers, self }: Props) {
  return shownReshare(request, { nameOf: namer(peers), self }).lines.map(({ label, text }) => [
    <dt key={`${label}?`}>{label}</dt>,
    <dd key={label}>{text}</dd>,
  ]);
}

/** The reasons to think twice, above everything else. */
export function ReshareWarnings({ request, peers, self }: Props) {
  const { warnings } = shownReshare(request, { nameOf: namer(peers), self });
  return <>{warnings.map((text) => <p key={text} class="problem" role="note">{text}</p>)}</>;
}

/** The consequence for this tab. */
export function ReshareNote({ request, peers, self }: Props) {
  return <p class="hint">{shownReshare(request, { nameOf: namer(peers), self }).own}</p>;
}
