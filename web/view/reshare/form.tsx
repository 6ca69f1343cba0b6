/**
 * The form of a resharing: who holds the key from now on, how many of them sign, and who takes no part.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { PeerId } from "../../../src/failure.ts";
import type { Act, Refusal } from "../../node/actions.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { standing, standingWords } from "../../state/presence.ts";
import { holders } from "../../state/primary.ts";
import { awayFrom, goneOf, problemIn, requestOf, type ReshareChoice } from "../../state/resharing/choice.ts";
import { summarize } from "../../state/summary.ts";
import { list, namer } from "../../text/names.ts";
import { remarksOf } from "../../text/remarks.ts";
import { schemeTexts } from "../../text/schemes.ts";
import { noteLabel, RemarkField } from "../remark_fields.tsx";
import { Change, Command } from "./change.tsx";
import { ThresholdField } from "../threshold_field.tsx";

export interface ReshareProps {
  state: State;
  act: Act;
  /** The choices that the form begins with. */
  from: ReshareChoice;
  main: boolean;
  onClose: () => void;
  onRequested: () => void;
}

/** The fields of the form. */
function useChoice(from: ReshareChoice, state: State) {
  const [members, setMembers] = useState(from.members);
  const [wanted, setWanted] = useState(from.threshold);
  const [marked, setMarked] = useState(from.gone);
  const [note, setNote] = useState("");
  const { key } = from;
  const most = Math.max(2, members.length);
  const gone = goneOf({ key, members, gone: marked }, state);
  const choice: ReshareChoice = { key, members, gone, threshold: Math.min(most, wanted) };
  return {
    choice,
    most,
    note,
    set: { onMembers: setMembers, onThreshold: setWanted, onGone: setMarked, onNote: setNote },
  };
}

type ReshareForm = ReturnType<typeof useChoice>;

/** Whether a resharing of this key, requested here, is under way. */
function isRunning({ key }: ReshareChoice, state: State): boolean {
  return [...state.sessions.values()].some((one) =>
    one.kind === "reshare" && one.request?.keyId === key.session &&
    ["running", "asking"].includes(summarize(one, state).status)
  );
}

/** The hint about those that have to take part and are not ready. */
function awaySentence(away: readonly PeerId[], state: State): string {
  if (!state.online) return "This browser is offline.";
  const nameOf = namer(state.peers);
  const each = away.map((peer) => `${nameOf(peer)} is ${standingWords[standing(peer, state)]}`);
  return `All who stay, come or leave are needed: ${
    list(each)
  }. Take the tick from whoever is lost, and mark it as gone.`;
}

export function ReshareForm({ state, act, from, main, onClose, onRequested }: ReshareProps) {
  const form = useChoice(from, state);
  const { choice, note } = form;
  const { key, members, threshold } = choice;
  const [refusal, setRefusal] = useState<Refusal>(null);
  const titleId = useId();
  const running = isRunning(choice, state);
  const away = awayFrom(choice, state);
  const wrong = problemIn(choice);
  const problem = refusal ?? wrong;
  const may = !running && wrong === null && away.length === 0;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!may) return;
    const refused = act.reshare({ ...requestOf(choice), ...remarksOf({ note }) });
    setRefusal(refused);
    if (!refused) onRequested();
  };
  return (
    <form class="action" aria-labelledby={titleId} onSubmit={submit} noValidate>
      <h2 id={titleId} tabIndex={-1} class="statement">
        Reshare “{clean(key.wallet, 64)}” for {schemeTexts[key.scheme].name}: the key and its addresses stay.
      </h2>
      <Fields form={form} state={state} problem={problem} />
      <Change choice={choice} state={state} />
      <p class="hint">
        Everyone who takes part is asked first. Until it is done, everything goes on with the shares of epoch
        {" "}
        {key.epoch}; if it fails, they stay.
      </p>
      {problem && <p class="problem" role="alert">{clean(problem.message, 200)}</p>}
      <div class="buttons">
        <button type="submit" class={main ? "primary" : "plain"} aria-disabled={!may}>
          {running ? "Resharing…" : `Reshare: ${threshold} of ${members.length}`}
        </button>
        <button type="button" class="quiet" onClick={onClose}>Not now</button>
        {away.length > 0 && !running && <span class="hint">{awaySentence(away, state)}</span>}
      </div>
      <Command choice={choice} state={state} />
    </form>
  );
}

function Fields({ form, state, problem }: { form: ReshareForm; state: State; problem: Refusal }) {
  const { choice: { key, members, threshold, gone }, most, note, set } = form;
  const all = holders(state);
  const nameOf = namer(state.peers);
  const wrong = (field: string) => problem?.field === field ? { "aria-invalid": true as const } : {};
  const toggled = (order: readonly PeerId[], some: readonly PeerId[], peer: PeerId, on: boolean) =>
    order.filter((one) => one === peer ? on : some.includes(one));
  const without = key.members.filter((peer) => !members.includes(peer) && all.includes(peer));
  return (
    <div class="fields">
      <fieldset class="field" {...wrong("members")}>
        <legend>Holders from now on</legend>
        {all.map((peer) => (
          <label key={peer} class="tick">
            <input
              type="checkbox"
              checked={members.includes(peer)}
              onChange={(event) => set.onMembers(toggled(all, members, peer, event.currentTarget.checked))}
            />
            {nameOf(peer)}
          </label>
        ))}
      </fieldset>
      <ThresholdField
        threshold={threshold}
        most={most}
        holders={members.length}
        refused={wrong("threshold")}
        onThreshold={set.onThreshold}
      />
      {without.length > 0 && (
        <fieldset class="field" {...wrong("gone")}>
          <legend>Gone: lost, or not to be asked</legend>
          {without.map((peer) => (
            <label key={peer} class="tick">
              <input
                type="checkbox"
                checked={gone.includes(peer)}
                onChange={(event) =>
                  set.onGone(toggled(key.members, gone, peer, event.currentTarget.checked))}
              />
              {nameOf(peer)}
            </label>
          ))}
        </fieldset>
      )}
      <RemarkField field="note" label={noteLabel} text={note} refusal={problem} onText={set.onNote} />
    </div>
  );
}
