/**
 * The wallets there are: a name, and a key for each curve. One key is worked with.
 * @module
 */
import type { Curve } from "../../src/events.ts";
import type { Act } from "../node/actions.ts";
import { clean } from "../text/clean.ts";
import type { State } from "../state/model.ts";
import { curveNames, keyId } from "../text/names.ts";
import type { GroupKey } from "../node/node_port.ts";
import { Addresses } from "./addresses.tsx";
import type { CreateDefaults } from "./create.tsx";
import { Aside, Pips } from "./parts.tsx";
import { canSign } from "../state/primary.ts";
import { Refusing } from "./session/refusing.tsx";

const states = { active: "ready", pending: "not finished", frozen: "frozen" } as const;

/** A key is called ready only while some of its holders may sign together. */
function standingOf(key: GroupKey, state: State): { state: string; word: string } {
  if (key.state === "active" && !canSign(key, state)) return { state: "stuck", word: "cannot sign" };
  return { state: key.state, word: states[key.state] };
}

interface Props {
  state: State;
  act: Act;
  curves: readonly Curve[];
  /** Null where this tab may not make keys. */
  onNew: ((defaults: CreateDefaults) => void) | null;
}

export function Keys({ state, act, curves, onNew }: Props) {
  const wallets = Map.groupBy(state.keys ?? [], ({ wallet }) => wallet);
  return (
    <section class="panel" aria-labelledby="keys-title">
      <h2 id="keys-title">Wallets</h2>
      {state.keys === null && <p class="hint skeleton">Asking for the keys…</p>}
      {state.keys?.length === 0 && <p class="hint">None yet.</p>}
      {[...wallets].map(([wallet, keys]) => (
        <Wallet
          key={wallet}
          wallet={wallet}
          keys={keys}
          state={state}
          act={act}
          curves={curves}
          onNew={onNew}
        />
      ))}
      {wallets.size > 0 && onNew && (
        <button type="button" class="quiet" onClick={() => onNew({})}>New wallet…</button>
      )}
    </section>
  );
}

function Wallet({ wallet, keys, state, act, curves, onNew }: Props & {
  wallet: string;
  keys: readonly GroupKey[];
}) {
  const { threshold, members } = keys[0]!;
  const missing = curves.filter((curve) => !keys.some((key) => key.curve === curve));
  const making = missing.filter((curve) =>
    [...state.sessions.values()].some((one) =>
      one.kind === "generate" && one.wallet === wallet && one.curve === curve && one.asked && !one.rejected &&
      !one.outcome
    )
  );
  return (
    <div class="wallet">
      <h3 class="name">{clean(wallet, 64)}</h3>
      <ul class="keys">
        {keys.map((key) => <Key key={keyId(key)} groupKey={key} state={state} act={act} />)}
      </ul>
      {onNew && missing.filter((curve) => !making.includes(curve)).map((curve) => (
        <button
          key={curve}
          type="button"
          class="quiet small"
          onClick={() => onNew({ wallet, curves: [curve], threshold, members })}
        >
          Add a key for {curveNames[curve]}…
        </button>
      ))}
      {making.length > 0 && <p class="hint">{making.map((curve) => curveNames[curve]).join()}: being made…
      </p>}
    </div>
  );
}

function Key({ groupKey: key, state, act }: { groupKey: GroupKey; state: State; act: Act }) {
  const id = keyId(key);
  const here = state.selected === id;
  const stands = standingOf(key, state);
  return (
    <li data-state={stands.state}>
      <button type="button" aria-pressed={here} onClick={() => act.select(id)}>
        <span class="curve">
          <Aside>“{clean(key.wallet, 64)}”</Aside> {curveNames[key.curve]}
        </span>
        <span class="data">
          <Pips of={key.members.length} filled={key.threshold} /> {key.threshold}
          <span aria-hidden="true">/</span>
          <Aside>of</Aside>
          {key.members.length}
        </span>
        <span class="word">{stands.word}</span>
      </button>
      {here && <Addresses groupKey={key} act={act} brief />}
      <Refusing groupKey={key} state={state} />
    </li>
  );
}
