/**
 * The buttons at a key that open the form of a resharing.
 * @module
 */
import { holders } from "../../state/primary.ts";
import type { State } from "../../state/model.ts";
import { type ReshareChoice, sameHolders, withHolder } from "../../state/resharing/choice.ts";
import { maxParties } from "../../../src/limits.ts";
import type { GroupKey } from "../../node/node_port.ts";
import { namer } from "../../text/names.ts";

/** The most holders to offer a share by a button of their own. */
const mostOffered = 3;

export function NewHolders({ groupKey: key, state, onReshare }: {
  groupKey: GroupKey;
  state: State;
  onReshare: (from: ReshareChoice) => void;
}) {
  const nameOf = namer(state.peers);
  const without = key.members.length < maxParties
    ? holders(state).filter((peer) => !key.members.includes(peer)).slice(0, mostOffered)
    : [];
  return (
    <div class="buttons">
      <button type="button" class="quiet small" onClick={() => onReshare(sameHolders(key, state))}>
        Change holders…
      </button>
      {without.map((peer) => (
        <button
          key={peer}
          type="button"
          class="quiet small"
          onClick={() => onReshare(withHolder(key, peer, state))}
        >
          Give {peer === state.self ? "this tab" : nameOf(peer)} a share…
        </button>
      ))}
    </div>
  );
}
