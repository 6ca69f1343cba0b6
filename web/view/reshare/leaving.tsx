/**
 * The form that takes a holder out of all its keys, puts another in its place, or gives one a share of all keys: one
 * resharing after the other.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { PeerId } from "../../../src/failure.ts";
import type { Act, Refusal } from "../../node/actions.ts";
import type { KeyName } from "../../node/node_port.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { standing } from "../../state/presence.ts";
import { holders } from "../../state/primary.ts";
import {
  awayFrom,
  formerHolders,
  problemIn,
  requestOf,
  type ReshareChoice,
  withReplaced,
} from "../../state/resharing/choice.ts";
import { summarize } from "../../state/summary.ts";
import { hasSameName, list, namer } from "../../text/names.ts";
import { thresholdText } from "../../text/resharing.ts";
import { schemeTexts } from "../../text/schemes.ts";

export interface LeavingProps {
  state: State;
  act: Act;
  /** Whether its button is the page's primary one. */
  main: boolean;
  onClose: () => void;
}

/** The holder that leaves, and the one that takes its place; if nobody leaves, `by` gets a share. */
interface Who {
  peer: PeerId | null;
  by: PeerId | null;
  lost: boolean;
}

/** Whether a key with these members is as it is wanted. */
const isWanted = (members: readonly PeerId[], { peer, by }: Who) =>
  peer === null ? by === null || members.includes(by) : !members.includes(peer);

/** A key that was the leaver's when the form was opened, and how far its resharing is. */
interface Step {
  choice: ReshareChoice;
  stands: "to do" | "under way" | "done" | "failed";
}

const marks = { "to do": "·", "under way": "…", done: "✓", failed: "✗" } as const;

/** The keys to reshare, and the state of each. */
function stepsOf(names: readonly KeyName[], who: Who, state: State): readonly Step[] {
  return names.flatMap((name): Step[] => {
    const key = state.keys?.find((one) => hasSameName(one, name) && one.state !== "pending");
    if (!key) return [];
    const choice = withReplaced(key, who.peer, { ...who, state });
    if (isWanted(key.members, who)) return [{ choice, stands: "done" }];
    const last = [...state.sessions.values()].findLast((one) =>
      one.kind === "reshare" && one.request?.keyId === key.session &&
      isWanted(one.request.members ?? [], who)
    );
    const status = last && summarize(last, state).status;
    return [{ choice, stands: !status ? "to do" : status === "failed" ? "failed" : "under way" }];
  });
}

/** The choices of the form, and the keys that they are about. */
function useLeaving(state: State, act: Act) {
  const [peer, setPeer] = useState(() => firstChoice(state));
  const [by, setBy] = useState<PeerId | null>(null);
  const [lost, setLost] = useState(false);
  /** The keys of the leaver when its resharings began. */
  const [begun, setBegun] = useState<readonly KeyName[] | null>(null);
  const [refusal, setRefusal] = useState<Refusal>(null);
  const names = begun ??
    (state.keys ?? []).filter((key) => key.state !== "pending" && !isWanted(key.members, { peer, by, lost }));
  const steps = stepsOf(names, { peer, by, lost }, state);
  const left = steps.filter(({ stands }) => stands !== "done");
  const running = left.some(({ stands }) => stands === "under way");
  const wrong = left.map(({ choice }) => problemIn(choice)).find((one) => one !== null) ?? null;
  const away = [...new Set(left.flatMap(({ choice }) => awayFrom(choice, state)))];
  const choosing = <T,>(choose: (value: T) => void) => (value: T) => {
    choose(value);
    setBegun(null);
    setRefusal(null);
  };
  return {
    peer,
    by,
    lost,
    steps,
    left,
    running,
    away,
    begun: begun !== null,
    problem: refusal ?? wrong,
    may: left.length > 0 && !running && wrong === null && away.length === 0,
    begin() {
      setBegun(names);
      setRefusal(act.reshareEach(left.map(({ choice }) => requestOf(choice)), setRefusal));
    },
    set: {
      onPeer: choosing((one: PeerId | null) => {
        setPeer(one);
        if (one !== null && one === by) setBy(null);
      }),
      onBy: choosing(setBy),
      onLost: choosing(setLost),
    },
  };
}

type LeavingForm = ReturnType<typeof useLeaving>;

export function Leaving({ state, act, main, onClose }: LeavingProps) {
  const nameOf = namer(state.peers);
  const form = useLeaving(state, act);
  const { peer, by, left, running, away, may, problem } = form;
  const titleId = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    if (may) form.begin();
  };
  const keys = left.length === 1 ? "1 key" : `${left.length} keys`;
  const leaves = peer === null ? "nobody" : nameOf(peer);
  const comes = by === null ? "a holder" : nameOf(by);
  return (
    <form class="action" aria-labelledby={titleId} onSubmit={submit} noValidate>
      <h2 id={titleId} tabIndex={-1} class="statement">
        {peer === null
          ? `Give ${comes} a share of all keys`
          : by === null
          ? `Take ${leaves} out of all keys`
          : `${comes} takes the place of ${leaves}`}
      </h2>
      <Choices form={form} state={state} />
      <Steps steps={form.steps} begun={form.begun} />
      {peer !== null && <p class="hint">{untilSentence(leaves, left)}</p>}
      {peer !== null && left.length === 0 && state.peers.has(peer) && (
        <RosterChange name={leaves} peer={peer} />
      )}
      {problem && <p class="problem" role="alert">{clean(problem.message, 200)}</p>}
      <div class="buttons">
        {left.length > 0 && (
          <button type="submit" class={main ? "primary" : "plain"} aria-disabled={!may}>
            {running
              ? "Resharing…"
              : `Reshare ${keys} ${peer === null ? `with ${comes}` : `without ${leaves}`}`}
          </button>
        )}
        <button type="button" class="quiet" onClick={onClose}>
          {left.length === 0 ? "Close" : "Not now"}
        </button>
        {away.length > 0 && !running && (
          <span class="hint">
            Needed, and not here: {list(away.map(nameOf))}.
            {peer !== null && away.includes(peer) && ` If the device of ${leaves} is lost, say so above.`}
          </span>
        )}
      </div>
    </form>
  );
}

function Choices({ form: { peer, by, lost, set }, state }: { form: LeavingForm; state: State }) {
  const all = holders(state);
  const nameOf = namer(state.peers);
  const leavers = [...new Set([...formerHolders(state), ...all, ...(peer === null ? [] : [peer])])];
  return (
    <div class="fields">
      <Choose
        label="Who leaves"
        peers={leavers}
        value={peer}
        nameOf={nameOf}
        onChoose={set.onPeer}
      />
      <Choose
        label={peer === null ? "Who comes" : "Who takes its place"}
        peers={all.filter((one) => one !== peer)}
        value={by}
        nameOf={nameOf}
        onChoose={set.onBy}
      />
      {peer !== null && all.includes(peer) && (
        <label class="tick">
          <input
            type="checkbox"
            checked={lost}
            onChange={(event) => set.onLost(event.currentTarget.checked)}
          />
          Its device is lost, or it must not be asked
        </label>
      )}
    </div>
  );
}

/** The peer that most likely leaves: one that is no holder any more, one that is away, else the first other one. */
function firstChoice(state: State): PeerId | null {
  const others = holders(state).filter((one) => one !== state.self);
  return formerHolders(state)[0] ?? others.find((one) => standing(one, state) === "away") ?? others[0] ??
    null;
}

function Choose({ label, peers, value, nameOf, onChoose }: {
  label: string;
  peers: readonly PeerId[];
  value: PeerId | null;
  nameOf: (peer: PeerId) => string;
  onChoose: (peer: PeerId | null) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value ?? ""} onChange={(event) => onChoose(event.currentTarget.value || null)}>
        <option value="">nobody</option>
        {peers.map((peer) => <option key={peer} value={peer}>{nameOf(peer)}</option>)}
      </select>
    </label>
  );
}

function Steps({ steps, begun }: { steps: readonly Step[]; begun: boolean }) {
  const done = steps.filter(({ stands }) => stands === "done").length;
  return (
    <>
      <ul class="steps">
        {steps.map(({ choice: { key, members, threshold }, stands }) => (
          <li key={`${key.scheme} ${key.wallet}`} data-stands={stands}>
            <span aria-hidden="true">{marks[stands]}</span> “{clean(key.wallet, 64)}”{" "}
            {schemeTexts[key.scheme].name}: {stands}
            {stands !== "done" && `, ${thresholdText(key, { threshold, members })}`}
          </li>
        ))}
      </ul>
      {begun && (
        <div class="waiting" role="status">
          <progress max={steps.length} value={done} aria-label="Keys reshared" />
          <span class="data">{done} of {steps.length} keys reshared</span>
        </div>
      )}
    </>
  );
}

/** Until when the leaver can take part, and with what after that. */
function untilSentence(name: string, left: readonly Step[]): string {
  const old = `enough old copies of one epoch, such as backups, are still the whole key`;
  return left.length === 0
    ? `No key counts a share of ${name} any more. What stays: ${old}.`
    : `Until a key is reshared, the share of ${name} counts like any other. After that, ${old}, and nothing else of ${name}'s counts.`;
}

/** The last act: the page has no admin key, so it names the command. */
function RosterChange({ name, peer }: { name: string; peer: PeerId }) {
  return (
    <div role="status">
      <p>Now whoever has the admin key can remove {name} from the roster, and not before:</p>
      <p>
        <code class="long">quorate roster remove {peer} --admin admin.age --out roster.json</code>
      </p>
    </div>
  );
}
