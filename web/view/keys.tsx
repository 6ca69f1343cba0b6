/**
 * The list of wallets: each has a name and a key for each scheme. One key is selected.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import type { Act } from "../node/actions.ts";
import { clean } from "../text/clean.ts";
import type { State } from "../state/model.ts";
import { keyId } from "../text/names.ts";
import { schemeTexts } from "../text/schemes.ts";
import type { GroupKey } from "../node/node_port.ts";
import { Addresses } from "./addresses.tsx";
import type { CreateDefaults } from "./create.tsx";
import { Aside, Pips } from "./parts.tsx";
import { canSign } from "../state/primary.ts";
import { isForked, isNextEpoch, type ReshareChoice } from "../state/resharing/choice.ts";
import { Epochs } from "./reshare/epochs.tsx";
import { NewHolders } from "./reshare/new_holders.tsx";
import { Refusing } from "./session/refusing.tsx";

const states = { active: "ready", pending: "not finished", frozen: "frozen", retired: "retired" } as const;

/** The state of a key in a word: it is ready only while a party of its holders may sign. */
function standingOf(key: GroupKey, state: State): { state: string; word: string } {
  if (isNextEpoch(key)) return { state: "pending", word: `epoch ${key.epoch}, not finished` };
  if (isForked(key, state)) return { state: "stuck", word: "forked" };
  if (key.state === "active" && !canSign(key, state)) return { state: "stuck", word: "cannot sign" };
  return { state: key.state, word: states[key.state] };
}

interface Props {
  state: State;
  act: Act;
  schemes: readonly Scheme[];
  /** Null if this tab may not make keys. */
  onNew: ((defaults: CreateDefaults) => void) | null;
  /** Null if this tab may not reshare keys. */
  onReshare: ((from: ReshareChoice) => void) | null;
}

export function Keys({ state, act, schemes, onNew, onReshare }: Props) {
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
          schemes={schemes}
          onNew={onNew}
          onReshare={onReshare}
        />
      ))}
      {wallets.size > 0 && onNew && (
        <button type="button" class="quiet" onClick={() => onNew({})}>New wallet…</button>
      )}
    </section>
  );
}

function Wallet({ wallet, keys, state, act, schemes, onNew, onReshare }: Props & {
  wallet: string;
  keys: readonly GroupKey[];
}) {
  const { threshold, members } = keys[0]!;
  const missing = schemes.filter((scheme) => !keys.some((key) => key.scheme === scheme));
  const making = missing.filter((scheme) =>
    [...state.sessions.values()].some((one) =>
      one.kind === "generate" && one.wallet === wallet && one.scheme === scheme && one.request &&
      !one.rejected &&
      !one.outcome
    )
  );
  return (
    <div class="wallet">
      <h3 class="name">{clean(wallet, 64)}</h3>
      <ul class="keys">
        {keys.map((key) => (
          <Key key={keyId(key)} groupKey={key} state={state} act={act} onReshare={onReshare} />
        ))}
      </ul>
      {onNew && missing.filter((scheme) =>
        !making.includes(scheme)
      ).map((scheme) => (
        <button
          key={scheme}
          type="button"
          class="quiet small"
          onClick={() => onNew({ wallet, schemes: [scheme], threshold, members })}
        >
          Add a key for {schemeTexts[scheme].name}…
        </button>
      ))}
      {making.length > 0 && (
        <p class="hint">{making.map((scheme) => schemeTexts[scheme].name).join()}: being made…</p>
      )}
    </div>
  );
}

function Key(
  { groupKey: key, state, act, onReshare }: Pick<Props, "state" | "act" | "onReshare"> & {
    groupKey: GroupKey;
  },
) {
  const id = keyId(key);
  const here = state.selected === id;
  const stands = standingOf(key, state);
  return (
    <li data-state={stands.state}>
      <button type="button" aria-pressed={here} onClick={() => act.select(id)}>
        <span class="scheme">
          <Aside>“{clean(key.wallet, 64)}”</Aside> {schemeTexts[key.scheme].name}
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
      {here && <Epochs groupKey={key} state={state} />}
      {here && key.state !== "pending" && onReshare && (
        <NewHolders groupKey={key} state={state} onReshare={onReshare} />
      )}
      <Refusing groupKey={key} state={state} act={act} onReshare={onReshare} />
    </li>
  );
}
