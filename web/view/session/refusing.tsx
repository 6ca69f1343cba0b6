/**
 * Who refuses to sign with a key, with whom, since when, and what can be done about it.
 * @module
 */
import { bansOf, frozenAt, outlook, quarantinesOf } from "../../state/forbidden_pairs.ts";
import type { State } from "../../state/model.ts";
import { clock, list, namer } from "../../text/names.ts";
import type { GroupKey } from "../../node/node_port.ts";

export function Refusing({ groupKey: key, state }: { groupKey: GroupKey; state: State }) {
  const nameOf = namer(state.peers);
  const bans = bansOf(key, state);
  const frozen = frozenAt(key, state);
  const quarantines = quarantinesOf(key, state);
  if (bans.length + quarantines.length + frozen.length === 0) return null;
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
          with this key, after repeated signatures of these two that did not verify. Find out why, then have
          the pair released at {nameOf(by)}.
        </p>
      ))}
      {frozen.length > 0 && (
        <p>
          <strong>{list(frozen.map(nameOf))} {frozen.length === 1 ? "has" : "have"} frozen this key</strong>
          {" "}
          after repeated signatures that did not verify. Find out why, then have it unfrozen there.
        </p>
      )}
      <p class="hint">{outlookSentence(key, state)}</p>
    </div>
  );
}

/** Whether a key can sign although some refuse to, and the way out while there is one. */
export function outlookSentence(key: GroupKey, state: State): string {
  const some = `${key.threshold} of its holders`;
  switch (outlook(key, state)) {
    case "now":
      return bansOf(key, state).length > 0
        ? "Others can sign. A pair that was parted stays so: make a new wallet, and move what this key holds to it " +
          "while it can still sign."
        : "Others can sign meanwhile.";
    case "later":
      return `No ${some} may sign together until that is done.`;
    case "never":
      return `No ${some} may ever sign together again: this key cannot sign any more, and what it holds cannot be moved. Use another wallet from now on.`;
  }
}
