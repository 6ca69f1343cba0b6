/**
 * The changes that a resharing would make, and the command that asks for them.
 * @module
 */
import type { PeerId } from "../../../src/failure.ts";
import type { State } from "../../state/model.ts";
import { changeIn, type ReshareChoice } from "../../state/resharing/choice.ts";
import { distinctionOf, list, namer } from "../../text/names.ts";
import { reshareCommand, thresholdText } from "../../text/resharing.ts";

/** The holders that stay, come, leave and are gone, and the number that sign. */
export function Change({ choice, state }: { choice: ReshareChoice; state: State }) {
  const { key, members, threshold, gone } = choice;
  const { stays, comes, leaves } = changeIn(choice);
  const nameOf = namer(state.peers);
  const lines: readonly (readonly [string, readonly PeerId[], string])[] = [
    ["Stays", stays, "gets a new share"],
    ["Comes", comes, "gets a share"],
    ["Leaves", leaves, "takes part once more, and then erases its share"],
    ["Gone", gone, "takes no part, and erases its old share if it comes back"],
  ];
  return (
    <dl>
      {lines.filter(([, peers]) => peers.length > 0).map(([label, peers, what]) => [
        <dt key={`${label}?`}>{label}</dt>,
        <dd key={label}>{`${list(peers.map(nameOf))}: ${peers.length > 1 ? "each " : ""}${what}`}</dd>,
      ])}
      <dt>Needed to sign</dt>
      <dd>
        {thresholdText(key, { threshold, members })}
        {threshold < key.threshold && <strong>Fewer are enough than now.</strong>}
        {threshold === members.length && (
          <span class="hint">Every one of them is needed: if one loses its share, the key is lost.</span>
        )}
      </dd>
    </dl>
  );
}

/** The command for the same, for whoever has a command line instead. */
export function Command({ choice, state }: { choice: ReshareChoice; state: State }) {
  const { wallet, scheme, session } = choice.key;
  const isOnly = distinctionOf(choice.key, state.keys ?? []) === null;
  const named = { ...choice, key: { wallet, scheme, ...(!isOnly && { session }) } };
  return (
    <details class="plain">
      <summary>The same on the command line</summary>
      <p>
        <code class="long">{reshareCommand(named, namer(state.peers))}</code>
      </p>
    </details>
  );
}
