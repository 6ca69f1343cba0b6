/**
 * Making a wallet: one button, and everything else has a default. A wallet has a key for each scheme that it is to sign
 * with; each is a command of its own, with an outcome of its own.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { Scheme } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Act, Refusal } from "../node/actions.ts";
import { clean } from "../text/clean.ts";
import type { State } from "../state/model.ts";
import { noteLabel, RemarkField } from "./remark_fields.tsx";
import { remarksOf } from "../text/remarks.ts";
import { hasSameName, list, namer } from "../text/names.ts";
import { defaultScheme, schemeTexts } from "../text/schemes.ts";
import { standing, standingWords } from "../state/presence.ts";
import { holders } from "../state/primary.ts";
import { summarize } from "../state/summary.ts";
import { ThresholdField } from "./threshold_field.tsx";

export interface CreateDefaults {
  wallet?: string;
  schemes?: readonly Scheme[];
  members?: readonly PeerId[];
  threshold?: number;
}

export interface CreateProps {
  state: State;
  act: Act;
  schemes: readonly Scheme[];
  defaults: CreateDefaults;
  main: boolean;
  /** Null if there is nothing to go back to. */
  onClose: (() => void) | null;
  onRequested: () => void;
}

/** The first free name of `treasury`, `treasury-2`, … for all these schemes. */
export function freeName(state: State, schemes: readonly Scheme[], wanted = "treasury"): string {
  const taken = new Set(
    (state.keys ?? []).filter(({ scheme }) => schemes.includes(scheme)).map(({ wallet }) => wallet),
  );
  for (let i = 1;; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken.has(name)) return name;
  }
}

/** The choices of the form, the default first: the usual schemes, all of them, or one. */
function choices(schemes: readonly Scheme[]): readonly (readonly Scheme[])[] {
  const usual = schemes.filter((scheme) => schemeTexts[scheme].usual);
  const all = [usual, schemes, ...schemes.map((scheme) => [scheme])].filter((one) => one.length > 0);
  return all.filter((one, i) => all.findIndex((other) => other.join() === one.join()) === i);
}
const nameOfChoice = (schemes: readonly Scheme[]) =>
  schemes.length === 1
    ? schemeTexts[schemes[0]!].title
    : list(schemes.map((scheme) => schemeTexts[scheme].name));

/** The hint about the holders that are not ready. */
export function awaySentence(away: readonly PeerId[], state: State): string {
  if (!state.online) return "This browser is offline.";
  const nameOf = namer(state.peers);
  if (away.every((peer) => standing(peer, state) === "away") && away.length === holders(state).length) {
    return `Nobody is here: ${list(away.map(nameOf))} cannot be reached.`;
  }
  return `All of them are needed: ${
    list(away.map((peer) => `${nameOf(peer)} is ${standingWords[standing(peer, state)]}`))
  }.`;
}

/** The fields of the form, with a default for each. */
function useCreateForm({ state, schemes, defaults }: Pick<CreateProps, "state" | "schemes" | "defaults">) {
  const all = holders(state);
  const offered = choices(schemes);
  const [which, setWhich] = useState(defaults.schemes?.join() ?? offered[0]?.join() ?? "");
  const [typed, setTyped] = useState<string | null>(defaults.wallet ?? null);
  const [chosen, setChosen] = useState<readonly PeerId[] | null>(defaults.members ?? null);
  const [wanted, setWanted] = useState<number | null>(defaults.threshold ?? null);
  const [note, setNote] = useState("");
  const making = offered.find((one) => one.join() === which) ?? offered[0] ?? [defaultScheme];
  const members = chosen?.filter((peer) => all.includes(peer)) ?? all;
  const most = Math.max(2, members.length);
  return {
    all,
    offered,
    making,
    members,
    most,
    note,
    /** The members to request; absent for all holders. */
    picked: chosen && { members },
    wallet: typed ?? freeName(state, making),
    threshold: Math.min(most, Math.max(2, wanted ?? Math.floor(members.length / 2) + 1)),
    set: {
      onWhich: setWhich,
      onWallet: setTyped,
      onMembers: setChosen,
      onThreshold: setWanted,
      onNote: setNote,
    },
  };
}

type CreateForm = ReturnType<typeof useCreateForm>;

/** Whether a key of this form is being made at this page's request. */
function isRunning({ wallet, making }: CreateForm, state: State): boolean {
  return [...state.sessions.values()].some((one) =>
    one.kind === "generate" && one.request && one.wallet === wallet &&
    making.some((scheme) => scheme === one.scheme) && summarize(one, state).status === "running"
  );
}

/** Requests a key for each scheme. Each is a command of its own: a refusal of one does not stop the others. */
function request(form: CreateForm, state: State, act: Act): Refusal {
  const { making, wallet, threshold, picked } = form;
  const taken = making.find((scheme) => state.keys?.some((key) => hasSameName(key, { wallet, scheme })));
  if (taken) {
    const message = `There is already a wallet “${wallet}” with a key for ${schemeTexts[taken].name}.`;
    return { field: "wallet", message };
  }
  const refusals = making.map((scheme) =>
    act.generate({ wallet, scheme, threshold, ...picked, ...remarksOf({ note: form.note }) })
  );
  return refusals.find((one) => one !== null) ?? null;
}

export function Create({ state, act, schemes, defaults, main, onClose, onRequested }: CreateProps) {
  const form = useCreateForm({ state, schemes, defaults });
  const [open, setOpen] = useState(onClose !== null);
  const [refusal, setRefusal] = useState<Refusal>(null);
  const titleId = useId();
  const { members, making, threshold, wallet } = form;
  const running = isRunning(form, state);
  const away = members.filter((peer) => standing(peer, state) !== "ready");
  const may = !running && members.length >= 2 && away.length === 0;
  const problem = refusal ??
    (members.length < 2 ? { field: "members", message: "Choose at least 2 holders." } : null);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!may) return;
    const refused = request(form, state, act);
    setRefusal(refused);
    if (refused) setOpen(true);
    else onRequested();
  };
  return (
    <form class="action" aria-labelledby={titleId} onSubmit={submit} noValidate>
      <h2 id={titleId} tabIndex={-1} class="statement">
        {list(members.map(namer(state.peers)))} will each hold a part. No one ever holds the whole key.
      </h2>
      {open && <Fields form={form} state={state} problem={problem} />}
      {problem && open && <p class="problem" role="alert">{clean(problem.message, 200)}</p>}
      <div class="buttons">
        <button type="submit" class={main ? "primary" : "plain"} aria-disabled={!may}>
          {running
            ? "Creating…"
            : `Create a ${threshold}-of-${members.length} ${making.length > 1 ? "wallet" : "key"}`}
        </button>
        {away.length > 0 && !running && <span class="hint">{awaySentence(away, state)}</span>}
        {!open && (
          <button type="button" class="quiet" onClick={() => setOpen(true)}>
            “{clean(wallet, 64)}”, {nameOfChoice(making)}: change…
          </button>
        )}
        {onClose && <button type="button" class="quiet" onClick={onClose}>Not now</button>}
      </div>
    </form>
  );
}

function Fields({ form, state, problem }: { form: CreateForm; state: State; problem: Refusal }) {
  const { all, offered, making, members, most, threshold, wallet, note, set } = form;
  const nameOf = namer(state.peers);
  const wrong = (field: string) => problem?.field === field ? { "aria-invalid": true as const } : {};
  const without = (peer: PeerId) => members.filter((one) => one !== peer);
  return (
    <div class="fields">
      <label class="field">
        <span>Name</span>
        <input
          type="text"
          value={wallet}
          maxLength={64}
          {...wrong("wallet")}
          onInput={(event) => set.onWallet(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Signs with</span>
        <select value={making.join()} onChange={(event) => set.onWhich(event.currentTarget.value)}>
          {offered.map((one) => <option key={one.join()} value={one.join()}>{nameOfChoice(one)}</option>)}
        </select>
      </label>
      <ThresholdField
        threshold={threshold}
        most={most}
        holders={members.length}
        refused={wrong("threshold")}
        onThreshold={set.onThreshold}
      />
      <fieldset class="field" {...wrong("members")}>
        <legend>Holders</legend>
        {all.map((peer) => (
          <label key={peer} class="tick">
            <input
              type="checkbox"
              checked={members.includes(peer)}
              onChange={(event) =>
                set.onMembers(
                  event.currentTarget.checked
                    ? all.filter((one) => one === peer || members.includes(one))
                    : without(peer),
                )}
            />
            {nameOf(peer)}
          </label>
        ))}
      </fieldset>
      <RemarkField field="note" label={noteLabel} text={note} refusal={problem} onText={set.onNote} />
    </div>
  );
}
