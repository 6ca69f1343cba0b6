/**
 * Making a wallet: one button, and everything else has a default. A wallet has a key for each curve that it is to sign
 * with; each is a command of its own, with an outcome of its own.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { Curve } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Act, Refusal } from "../node/actions.ts";
import { clean } from "../text/clean.ts";
import type { State } from "../state/model.ts";
import { curveNames, curveTitles, list, namer, sameKey } from "../text/names.ts";
import { standing, standingWords } from "../state/presence.ts";
import { holders } from "../state/primary.ts";
import { summarize } from "../state/summary.ts";

export interface CreateDefaults {
  wallet?: string;
  curves?: readonly Curve[];
  members?: readonly PeerId[];
  threshold?: number;
}

export interface CreateProps {
  state: State;
  act: Act;
  curves: readonly Curve[];
  defaults: CreateDefaults;
  main: boolean;
  /** Null where there is nothing to go back to. */
  onClose: (() => void) | null;
  onAsked: () => void;
}

/** The first of `treasury`, `treasury-2`, … that is free on all these curves. */
export function freeName(state: State, curves: readonly Curve[], wanted = "treasury"): string {
  const taken = new Set(
    (state.keys ?? []).filter(({ curve }) => curves.includes(curve)).map(({ wallet }) => wallet),
  );
  for (let i = 1;; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken.has(name)) return name;
  }
}

/** All at once, or one of them. */
function choices(curves: readonly Curve[]): readonly (readonly Curve[])[] {
  const each = curves.map((curve) => [curve]);
  return curves.length > 1 ? [curves, ...each] : each;
}
const nameOfChoice = (curves: readonly Curve[]) =>
  curves.length === 1 ? curveTitles[curves[0]!] : list(curves.map((curve) => curveNames[curve]));

/** Who of those that would hold a part is not there, and how. */
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

export function Create({ state, act, curves, defaults, main, onClose, onAsked }: CreateProps) {
  const all = holders(state);
  const offered = choices(curves);
  const [which, setWhich] = useState(defaults.curves?.join() ?? offered[0]?.join() ?? "");
  const [typed, setTyped] = useState<string | null>(defaults.wallet ?? null);
  const [chosen, setChosen] = useState<readonly PeerId[] | null>(defaults.members ?? null);
  const [wanted, setWanted] = useState<number | null>(defaults.threshold ?? null);
  const [open, setOpen] = useState(onClose !== null);
  const [refusal, setRefusal] = useState<Refusal>(null);
  const id = useId();
  const making = offered.find((one) => one.join() === which) ?? offered[0] ?? ["ed25519"];
  const members = chosen?.filter((peer) => all.includes(peer)) ?? all;
  const wallet = typed ?? freeName(state, making);
  const most = Math.max(2, members.length);
  const threshold = Math.min(most, Math.max(2, wanted ?? Math.floor(members.length / 2) + 1));
  const nameOf = namer(state.peers);
  const running = [...state.sessions.values()].some((one) =>
    one.kind === "generate" && one.asked && one.wallet === wallet && making.some((curve) =>
      curve === one.curve
    ) &&
    summarize(one, state).status === "running"
  );
  const away = members.filter((peer) => standing(peer, state) !== "ready");
  const may = !running && members.length >= 2 && away.length === 0;
  const problem = refusal ??
    (members.length < 2 ? { field: "members", message: "Choose at least 2 holders." } : null);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!may) return;
    const taken = making.find((curve) => state.keys?.some((key) => sameKey(key, { wallet, curve })));
    if (taken) {
      setOpen(true);
      return setRefusal({
        field: "wallet",
        message: `There is a wallet “${wallet}” with a key for ${curveNames[taken]} already.`,
      });
    }
    // Each is a command of its own: what one of them refuses does not keep the other back.
    const refusals = making.map((curve) =>
      act.generate({ wallet, curve, threshold, ...(chosen && { members }) })
    );
    const refused = refusals.find((one) => one !== null) ?? null;
    setRefusal(refused);
    if (refused) setOpen(true);
    else onAsked();
  };
  const wrong = (field: string) => problem?.field === field ? { "aria-invalid": true as const } : {};
  const what = `${threshold}-of-${members.length} ${making.length > 1 ? "wallet" : "key"}`;
  return (
    <form class="action" aria-labelledby={`${id}-title`} onSubmit={submit} noValidate>
      <h2 id={`${id}-title`} tabIndex={-1} class="statement">
        {list(members.map(nameOf))} will each hold a part. No one ever holds the whole key.
      </h2>
      {open && (
        <div class="fields">
          <label class="field">
            <span>Name</span>
            <input
              type="text"
              value={wallet}
              maxLength={64}
              {...wrong("wallet")}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            <span>Signs with</span>
            <select value={making.join()} onChange={(event) => setWhich(event.currentTarget.value)}>
              {offered.map((one) => <option key={one.join()} value={one.join()}>{nameOfChoice(one)}</option>)}
            </select>
          </label>
          <label class="field">
            <span>Needed to sign</span>
            <select
              value={threshold}
              {...wrong("threshold")}
              onChange={(event) => setWanted(Number(event.currentTarget.value))}
            >
              {Array.from({ length: most - 1 }, (_, i) => i + 2).map((t) => (
                <option key={t} value={t}>{t} of {members.length}</option>
              ))}
            </select>
          </label>
          <fieldset class="field" {...wrong("members")}>
            <legend>Holders</legend>
            {all.map((peer) => (
              <label key={peer} class="tick">
                <input
                  type="checkbox"
                  checked={members.includes(peer)}
                  onChange={(event) =>
                    setChosen(
                      all.filter((one) => one === peer ? event.currentTarget.checked : members.includes(one)),
                    )}
                />
                {nameOf(peer)}
              </label>
            ))}
          </fieldset>
        </div>
      )}
      {problem && open && <p class="problem" role="alert">{clean(problem.message, 200)}</p>}
      <div class="buttons">
        <button
          type="submit"
          class={main ? "primary" : "plain"}
          aria-disabled={!may}
        >
          {running ? "Creating…" : `Create a ${what}`}
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
