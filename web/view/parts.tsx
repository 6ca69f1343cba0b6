/**
 * Small components and hooks that several views share.
 * @module
 */
import { type ComponentChildren, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Act } from "../node/actions.ts";

/** Text for screen readers only. */
export function Aside({ children }: { children: ComponentChildren }) {
  return <span class="unseen">{children}</span>;
}

/** A threshold as dots, the needed ones filled. Hidden from screen readers, since words stand beside it. */
export function Pips({ of, filled }: { of: number; filled: number }) {
  const shown = Math.min(of, 16);
  return (
    <svg class="pips" viewBox={`0 0 ${shown * 10} 10`} width={shown * 10} height="10" aria-hidden="true">
      {Array.from(
        { length: shown },
        (_, i) => <circle key={i} cx={i * 10 + 5} cy="5" r="3.5" class={i < filled ? "full" : "hollow"} />,
      )}
    </svg>
  );
}

/** A button that copies a text and reports whether it could. */
export function Copy({ text, what, label = "Copy", act }: {
  text: string;
  what: string;
  /** The visible text of the button. */
  label?: string;
  act: Act;
}) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => void act.copy(text).then((done) => setState(done ? "copied" : "failed"));
  return (
    <Fragment>
      <button type="button" class="quiet small" onClick={copy}>
        {state === "copied" ? "Copied" : state === "failed" ? "Not copied" : label}
        <Aside>{what}</Aside>
      </button>
      <span role="status" class="unseen">
        {state === "copied" ? `Copied ${what}.` : state === "failed" ? "The browser did not allow it." : ""}
      </span>
    </Fragment>
  );
}

/** Whether the page is as narrow as a phone; false outside a browser. */
export function useNarrow(): boolean {
  const query = "(max-width: 719px)";
  const [narrow, setNarrow] = useState(() => globalThis.matchMedia?.(query).matches ?? false);
  useEffect(() => {
    const media = globalThis.matchMedia(query);
    const look = () => setNarrow(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, []);
  return narrow;
}

/** The time on this page's clock, ms, updated four times a second while `running`. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
