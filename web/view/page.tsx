/**
 * The whole page of a running node.
 * @module
 */
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Scheme } from "../../src/events.ts";
import type { Act } from "../node/actions.ts";
import type { Remarks } from "../text/remarks.ts";
import type { FormAdvice } from "../state/advice.ts";
import type { State } from "../state/model.ts";
import { newestFirst, type Primary, primary, selectedKey } from "../state/primary.ts";
import type { ReshareChoice } from "../state/resharing/choice.ts";
import { mayAsk } from "../state/rights.ts";
import type { Session } from "../state/sessions.ts";
import { pendingScenario } from "../state/scenario.ts";
import { About } from "./about.tsx";
import { Create, type CreateDefaults } from "./create.tsx";
import { Header } from "./header.tsx";
import { Keys } from "./keys.tsx";
import { useNarrow } from "./parts.tsx";
import { Peers } from "./peers.tsx";
import { ReshareForm } from "./reshare/form.tsx";
import { Leaving } from "./reshare/leaving.tsx";
import { SessionItem } from "./session/session.tsx";
import { Sign } from "./sign.tsx";
import { Warnings } from "./session/warnings.tsx";

/** The panel that only the demo's page has; the product's page does not contain its code. */
export type BreakPanel = ComponentType<{ state: State; act: Act }>;

/** A form that the person opened: a new wallet, a resharing, or a holder that leaves. */
type OpenForm =
  | { is: "create"; defaults: CreateDefaults }
  | { is: "reshare"; from: ReshareChoice }
  | { is: "leaving" };

/** The additional parts of the page of a holder. */
export interface HolderSlots {
  /** A hook: the person's own answer to a command; null if there was no request. */
  useAnswers(): (session: Session) => OwnAnswer | null;
  /** A hook: whether this tab is locked, so that there is nothing to create or sign. */
  useLocked(): boolean;
  /** Before everything else. */
  Top: ComponentType<{ state: State }>;
  /** After the cluster. */
  Side: ComponentType<{ state: State }>;
}

/** A person's answer to a request. */
export interface OwnAnswer {
  /** The input to sign, for the session's line; null for a new key. */
  about: string | null;
  /** A sentence with the answer and the input. */
  sentence: string;
  /** The initiator's own words, which the person was shown. */
  remarks: Remarks;
}

export interface PageProps {
  state: State;
  act: Act;
  schemes: readonly Scheme[];
  breakPanel?: BreakPanel | undefined;
  holder?: HolderSlots | undefined;
  /** Set by tests; a browser measures its window. */
  narrow?: boolean | undefined;
}

export function Page({ state, act, schemes, breakPanel: Break, holder, narrow: given }: PageProps) {
  const locked = holder?.useLocked() ?? false;
  const answerTo = holder?.useAnswers() ?? (() => null);
  const measured = useNarrow();
  const narrow = given ?? measured;
  const [form, setForm] = useState<OpenForm | null>(null);
  const makes = mayAsk(state.rights, "generate");
  // An armed peer misbehaves in a session that this tab requests.
  const breakable = Break !== undefined && state.cheatingPeers.length > 0 && mayAsk(state.rights, "sign");
  const main = primary(state);
  const forced = pendingScenario(state.scenarios)?.expect.kind === "generate";
  const creating = makes &&
    (form === null ? selectedKey(state) === null || forced : form.is === "create" || forced);
  const action = useRef<HTMLDivElement>(null);
  useKeptFocus(action, creating ? "create" : form?.is ?? "sign");
  useFormFocus(action, form);
  useLinked(state);
  const sessions = newestFirst(state);
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
          <Lead
            {...{ state, act, schemes, main, narrow, form, setForm }}
            creating={creating}
            forced={forced}
          />
        </div>
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
              onForm={(advice) => setForm(formFor(advice, session))}
            />
          ))}
        </section>
      </main>
      <aside aria-label="The cluster">
        <Cluster state={state} act={act} schemes={schemes} setForm={setForm} />
        {breakable && Break && <Break state={state} act={act} />}
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

/** The peers and the keys, with the buttons that open forms about them. */
function Cluster({ state, act, schemes, setForm }: {
  state: State;
  act: Act;
  schemes: readonly Scheme[];
  setForm: (form: OpenForm) => void;
}) {
  const makes = mayAsk(state.rights, "generate");
  const reshares = mayAsk(state.rights, "reshare");
  return (
    <>
      <Peers state={state} onLeaving={reshares ? () => setForm({ is: "leaving" }) : null} />
      <Keys
        state={state}
        act={act}
        schemes={schemes}
        onNew={makes ? (defaults) => setForm({ is: "create", defaults }) : null}
        onReshare={reshares ? (from) => setForm({ is: "reshare", from }) : null}
      />
    </>
  );
}

/** The form that advice of a session's card opens. */
function formFor(advice: FormAdvice, { scheme }: Session): OpenForm {
  if (advice.do === "holders") return { is: "reshare", from: advice.choice };
  const { members, threshold } = advice;
  return { is: "create", defaults: { members, threshold, ...(scheme && { schemes: [scheme] }) } };
}

/** The form of the page's next act: a new wallet, a resharing, or a signature. */
function Lead({ state, act, schemes, main, narrow, form, setForm, creating, forced }: {
  state: State;
  act: Act;
  schemes: readonly Scheme[];
  main: Primary;
  narrow: boolean;
  form: OpenForm | null;
  setForm: (form: OpenForm | null) => void;
  creating: boolean;
  /** Whether an armed peer waits for a key generation. */
  forced: boolean;
}) {
  const key = selectedKey(state);
  if (state.keys === null) return <p class="hint skeleton">Asking the peers for their keys…</p>;
  const close = () => setForm(null);
  if (creating) {
    const defaults = form?.is === "create" ? form.defaults : null;
    return (
      <Create
        key={JSON.stringify(defaults)}
        state={state}
        act={act}
        // Only one session: an armed peer cheats once.
        schemes={forced ? schemes.slice(0, 1) : schemes}
        defaults={defaults ?? {}}
        main={main === "create" || (form !== null && main === "sign")}
        onClose={form === null ? null : close}
        onRequested={close}
      />
    );
  }
  if (form?.is === "reshare") {
    const { from } = form;
    const name = [from.key.session, from.threshold, ...from.members, ...from.gone].join();
    return (
      <ReshareForm
        key={name}
        state={state}
        act={act}
        from={from}
        main={main !== "recover"}
        onClose={close}
        onRequested={close}
      />
    );
  }
  if (form?.is === "leaving") {
    return <Leaving state={state} act={act} main={main !== "recover"} onClose={close} />;
  }
  if (key === null) {
    return <p class="hint">There is no wallet yet. This tab has no right to make one (“manager”).</p>;
  }
  return (
    <Sign
      key={key.wallet}
      state={state}
      act={act}
      groupKey={key}
      main={main}
      narrow={narrow}
      onReshare={mayAsk(state.rights, "reshare") ? (from) => setForm({ is: "reshare", from }) : null}
    />
  );
}

/** Moves the focus to the heading of a new form if the form that had the focus is replaced. */
function useKeptFocus(box: { current: HTMLDivElement | null }, which: string): void {
  const before = useRef(which);
  useEffect(() => {
    if (before.current === which) return;
    before.current = which;
    if (document.activeElement && document.activeElement !== document.body) return;
    box.current?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }, [which]);
}

/** Moves the focus to a form that the person opened: its button may be at the other end of the page. */
function useFormFocus(box: { current: HTMLDivElement | null }, form: OpenForm | null): void {
  useEffect(() => {
    if (form !== null) box.current?.querySelector<HTMLElement>("h2")?.focus();
  }, [form]);
}

/** Scrolls to the session in `#session=…`. */
function useLinked({ linked, sessions }: State): void {
  const known = linked !== null && sessions.has(linked);
  useEffect(() => {
    if (!known) return;
    const article = document.getElementById(`session-${linked}`);
    article?.scrollIntoView({ block: "start" });
    article?.querySelector<HTMLElement>("h3 button")?.focus({ preventScroll: true });
  }, [linked, known]);
}
