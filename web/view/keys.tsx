/**
 * The keys there are; one of them is worked with.
 * @module
 */
import type { Act } from "../actions.ts";
import { clean } from "../clean.ts";
import type { State } from "../model.ts";
import { curveNames, keyId, list, namer } from "../names.ts";
import { Aside, Pips } from "./parts.tsx";

const states = { active: "ready", pending: "not finished", frozen: "frozen" } as const;

export function Keys({ state, act, onNew }: { state: State; act: Act; onNew: () => void }) {
  const nameOf = namer(state.peers);
  return (
    <section class="panel" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      {state.keys === null && <p class="hint skeleton">Asking for the keys…</p>}
      {state.keys?.length === 0 && <p class="hint">None yet.</p>}
      {state.keys && state.keys.length > 0 && (
        <ul class="keys">
          {state.keys.map((key) => {
            const id = keyId(key);
            return (
              <li key={id} data-state={key.state}>
                <button type="button" aria-pressed={state.selected === id} onClick={() => act.select(id)}>
                  <span class="name">{clean(key.wallet, 64)}</span>
                  <span class="data">{curveNames[key.curve]}</span>
                  <span class="data">
                    <Pips of={key.members.length} filled={key.threshold} /> {key.threshold}
                    <span aria-hidden="true">/</span>
                    <Aside>of</Aside>
                    {key.members.length}
                  </span>
                  <span class="word">{states[key.state]}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {state.bans.map(({ wallet, pair, peer, boot, seq }) => (
        <p class="hint" key={`${peer} ${boot} ${seq}`}>
          {list(pair.map(nameOf))} no longer sign together with “{clean(wallet, 64)}”.
        </p>
      ))}
      {state.keys && state.keys.length > 0 && (
        <button type="button" class="quiet" onClick={onNew}>New key…</button>
      )}
    </section>
  );
}
