/**
 * The whole page, once this tab is a peer.
 * @module
 */
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Curve } from "../../src/events.ts";
import type { Act } from "../node/actions.ts";
import type { State } from "../state/model.ts";
import { newestFirst, primary, selectedKey } from "../state/primary.ts";
import { mayAsk } from "../state/rights.ts";
import type { Session } from "../state/sessions.ts";
import { waiting } from "../state/scenario.ts";
import { About } from "./about.tsx";
import { Create, type CreateDefaults } from "./create.tsx";
import { Header } from "./header.tsx";
import { Keys } from "./keys.tsx";
import { useNarrow } from "./parts.tsx";
import { Peers } from "./peers.tsx";
import { SessionItem } from "./session/session.tsx";
import { Sign } from "./sign.tsx";
import { Warnings } from "./session/warnings.tsx";

/** The demo's page has one more panel; the product's page does not even contain it. */
export type BreakPanel = ComponentType<{ state: State; act: Act; main: boolean }>;

/** What the page of a tab that holds shares shows besides. */
export interface HolderSlots {
  /** A hook: what this tab's person said to a command; null where it was not asked. */
  useAnswers(): (session: Session) => OwnAnswer | null;
  /** A hook: whether this tab is locked, so that there is nothing to create or sign. */
  useLocked(): boolean;
  /** Before everything else. */
  Top: ComponentType<{ state: State }>;
  /** After the cluster. */
  Side: ComponentType<{ state: State }>;
}

/** What a person said, and to what. */
export interface OwnAnswer {
  /** What was to be signed, for the session's own line; null for a new key. */
  about: string | null;
  /** The same, and what was said to it. */
  sentence: string;
}

export interface PageProps {
  state: State;
  act: Act;
  curves: readonly Curve[];
  breakPanel?: BreakPanel | undefined;
  holder?: HolderSlots | undefined;
  /** Tests decide; a browser asks its window. */
  narrow?: boolean | undefined;
}

export function Page({ state, act, curves, breakPanel: Break, holder, narrow: given }: PageProps) {
  const locked = holder?.useLocked() ?? false;
  const answerTo = holder?.useAnswers() ?? (() => null);
  const asked = useNarrow();
  const narrow = given ?? asked;
  const [form, setForm] = useState<CreateDefaults | null>(null);
  const makes = mayAsk(state.rights, "generate");
  // What is armed breaks in a session that this tab asks for.
  const breakable = Break !== undefined && state.speakers.length > 0 && mayAsk(state.rights, "sign");
  const main = primary(state, breakable);
  const key = selectedKey(state);
  const forced = waiting(state.shows)?.expect.kind === "generate";
  const creating = makes && (form !== null || key === null || forced);
  const action = useRef<HTMLDivElement>(null);
  useKeptFocus(action, creating);
  useLinked(state);
  const sessions = newestFirst(state);
  const panel = breakable && Break && <Break state={state} act={act} main={main === "break"} />;
  const early = narrow && main === "break";
  return (
    <>
      <a class="skip" href="#sessions">Skip to the sessions</a>
      <Header state={state} />
      <main>
        {state.ended && (
          <p class="banner" role="alert">This tab's node has stopped. Reload the page to join again.</p>
        )}
        {!state.online && !state.ended && (
          <p class="banner" role="alert">
            This browser is offline: nobody can be reached from here until it is online again.
          </p>
        )}
        {holder && <holder.Top state={state} />}
        <div class="panel lead" ref={action} hidden={locked}>
          {state.keys === null
            ? <p class="hint skeleton">Asking the peers for their keys…</p>
            : creating
            ? (
              <Create
                key={JSON.stringify(form)}
                state={state}
                act={act}
                // What is to be broken is one creation: two at once would share one cheat.
                curves={forced ? curves.slice(0, 1) : curves}
                defaults={form ?? {}}
                main={main === "create" || (form !== null && main === "sign")}
                onClose={form === null ? null : () => setForm(null)}
                onAsked={() => setForm(null)}
              />
            )
            : key === null
            ? <p class="hint">There is no wallet yet. This tab has no right to make one (“manager”).</p>
            : (
              <Sign
                key={key.wallet}
                state={state}
                act={act}
                groupKey={key}
                main={main === "sign"}
                narrow={narrow}
              />
            )}
        </div>
        {early && panel}
        <section id="sessions" class="sessions" aria-labelledby="sessions-title" tabIndex={-1}>
          <h2 id="sessions-title">Sessions</h2>
          {sessions.length === 0 && (
            <p class="hint">Nothing has happened yet. What you start appears here, round by round.</p>
          )}
          {sessions.map((session, i) => (
            <SessionItem
              key={session.key}
              state={state}
              act={act}
              session={session}
              answer={answerTo(session)}
              open={state.unfolded.get(session.key) ?? i === 0}
              narrow={narrow}
              main={i === 0 && main === "recover"}
              onForm={({ members, threshold }) =>
                setForm({ members, threshold, ...(session.curve && { curves: [session.curve] }) })}
            />
          ))}
        </section>
      </main>
      <aside aria-label="The cluster">
        <Peers state={state} />
        <Keys state={state} act={act} curves={curves} onNew={makes ? setForm : null} />
        {!early && panel}
        {holder && <holder.Side state={state} />}
      </aside>
      <footer>
        <Warnings state={state} />
        <About />
      </footer>
      <div role="log" class="unseen" aria-label="What happened">
        {state.log.map(({ session, text }) => <p key={`${session} ${text}`}>{text}</p>)}
      </div>
    </>
  );
}

/** When the form under the focus is replaced by another, the focus goes to the new one's heading, not to nowhere. */
function useKeptFocus(box: { current: HTMLDivElement | null }, which: boolean): void {
  const before = useRef(which);
  useEffect(() => {
    if (before.current === which) return;
    before.current = which;
    if (document.activeElement && document.activeElement !== document.body) return;
    box.current?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }, [which]);
}

/** Follows `#session=…` to its session. */
function useLinked({ linked, sessions }: State): void {
  const known = linked !== null && sessions.has(linked);
  useEffect(() => {
    if (!known) return;
    const article = document.getElementById(`session-${linked}`);
    article?.scrollIntoView({ block: "start" });
    article?.querySelector<HTMLElement>("h3 button")?.focus({ preventScroll: true });
  }, [linked, known]);
}
