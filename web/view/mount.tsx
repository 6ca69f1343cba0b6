/**
 * The one place where a view enters the document.
 * @module
 */
import { type ComponentChildren, render } from "preact";
import { useState } from "preact/hooks";

/**
 * Renders into `root` once; later views are a change of state. A second `render()` into the same root lets `useId` begin
 * again (preact 11.2), so that two fields get one id and a label names the wrong one.
 *
 * @returns Shows a view in place of the one before.
 */
export function mount(root: Element): (view: ComponentChildren) => void {
  let change: ((view: ComponentChildren) => void) | null = null;
  function Mounted({ first }: { first: ComponentChildren }) {
    const [view, setView] = useState(first);
    change = setView;
    return <>{view}</>;
  }
  return (view) => change === null ? render(<Mounted first={view} />, root) : change(view);
}
