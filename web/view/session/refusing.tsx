/**
 * The refusals to sign with a key: by which peer, with which other, since when, and what can be done.
 * @module
 */
import { bansOf, frozenAt, outlook, quarantinesOf } from "../../state/forbidden_pairs.ts";
import type { Act } from "../../node/actions.ts";
import type { State } from "../../state/model.ts";
import { standing } from "../../state/presence.ts";
import { clock, list, namer } from "../../text/names.ts";
import type { GroupKey } from "../../node/node_port.ts";
import { wayOut } from "../../state/resharing/advice.ts";
import type { ReshareChoice } from "../../state/resharing/choice.ts";
import { Command } from "../reshare/change.tsx";
import { Release } from "./release.tsx";

interface RefusingProps {
  groupKey: GroupKey;
  state: State;
  act: Act;
  /** Null if this tab may not reshare keys. */
  onReshare: ((from: ReshareChoice) => void) | null;
}

export function Refusing({ groupKey: key, state, act, onReshare }: RefusingProps) {
  const nameOf = namer(state.peers);
  const bans = bansOf(key, state);
  const here = key.state === "frozen" && state.self !== null ? [state.self] : [];
  const frozen = [...new Set([...frozenAt(key, state), ...here])];
  const quarantines = quarantinesOf(key, state);
  const isRefused = bans.length + quarantines.length + frozen.length > 0;
  const isStuckHere = here.length > 0 || key.paused;
  if (!isRefused && !isStuckHere) return null;
  const isOpen = state.self !== null && standing(state.self, state) !== "locked";
  return (
    <div class="refusing">
      {bans.map(({ by, other, at }) => (
        <p key={`${by} ${other}`}>
          <strong>{nameOf(by)} refuses to sign with {nameOf(other)}</strong> for this key, since{" "}
          {clock(at).slice(0, 5)}.
        </p>
      ))}
      {quarantines.map(({ by, other }) => (
        <p key={`${by} ${other} for now`}>
          <strong>{nameOf(by)} does not sign with {nameOf(other)} for now</strong>{" "}
          with this key, because several signatures of these two did not verify. Find out why, then have the
          pair released at {nameOf(by)}.
        </p>
      ))}
      {isOpen &&
        quarantines.filter(({ by }) => by === state.self).map(({ other }) => (
          <Release key={other} groupKey={key} peer={other} name={`the key with ${nameOf(other)}`} act={act} />
        ))}
      {frozen.length > 0 && (
        <p>
          <strong>{list(frozen.map(nameOf))} {frozen.length === 1 ? "has" : "have"} frozen this key</strong>
          {" "}
          because several signatures did not verify. Find out why, then have it unfrozen there.
        </p>
      )}
      {key.paused && (
        <p>
          <strong>This tab reshares this key no more today</strong> because somebody cheated three times.
        </p>
      )}
      {isOpen && isStuckHere && <Release groupKey={key} name="the key" act={act} />}
      {isRefused && <WayOut groupKey={key} state={state} onReshare={onReshare} />}
    </div>
  );
}

/** The resharing that ends the refusals. */
function WayOut({ groupKey: key, state, onReshare }: Omit<RefusingProps, "act">) {
  const { label, choice } = wayOut(key, state);
  return (
    <>
      <p class="hint">{outlookSentence(key, state)}</p>
      {onReshare
        ? (
          <button type="button" class="plain small" onClick={() => onReshare(choice)}>
            {label}
          </button>
        )
        : <p class="hint">Only a manager can ask for a resharing; this tab is none.</p>}
      <Command choice={choice} state={state} />
    </>
  );
}

/** Whether a key can still sign, and the way out if there is one. */
export function outlookSentence(key: GroupKey, state: State): string {
  const some = `${key.threshold} of its holders`;
  switch (outlook(key, state)) {
    case "now":
      return bansOf(key, state).length > 0
        ? "Others can sign. A ban ends when the key is reshared, without whoever may have cheated first of all: the " +
          "key and its addresses stay."
        : "Others can sign meanwhile.";
    case "later":
      return `No ${some} may sign together until that is done, or until the key is reshared.`;
    case "never":
      return `No ${some} may sign together with these shares again. They can still reshare the key, without whoever may ` +
        "have cheated first of all: bans end with it, and the key and its addresses stay.";
  }
}
