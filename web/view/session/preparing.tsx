/**
 * How far each member is with its part of a set-up: one bar a peer. Not announced; whoever listens can look.
 * @module
 */
import { useId } from "preact/hooks";
import type { NameOf } from "../../text/names.ts";
import type { Preparing as Work } from "../../state/preparing.ts";

export function Preparing({ work, nameOf }: { work: readonly Work[]; nameOf: NameOf }) {
  const id = useId();
  return (
    <ul class="preparing">
      {work.map(({ peer, percent }, i) => (
        <li key={peer}>
          <span id={`${id}-${i}`}>{nameOf(peer)} prepares pairs: {percent} %</span>
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
