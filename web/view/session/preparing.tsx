/**
 * The progress of each member's part of a long computation, one bar a peer. Screen readers can read it; it is not announced.
 * @module
 */
import { useId } from "preact/hooks";
import type { NameOf } from "../../text/names.ts";
import type { Preparing as Work } from "../../state/preparing.ts";

export function Preparing({ work, doing, nameOf }: {
  work: readonly Work[];
  /** The verb in the third person, and its object. */
  doing: string;
  nameOf: NameOf;
}) {
  const id = useId();
  return (
    <ul class="preparing">
      {work.map(({ peer, percent }, i) => (
        <li key={peer}>
          <span id={`${id}-${i}`}>{nameOf(peer)} {doing}: {percent} %</span>
          <progress
            role="progressbar"
            max={100}
            value={percent}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
            aria-labelledby={`${id}-${i}`}
          />
        </li>
      ))}
    </ul>
  );
}
