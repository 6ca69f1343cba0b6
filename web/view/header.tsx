/**
 * What this is, whether the cluster can sign, and who you are in it.
 * @module
 */
import type { State } from "../state/model.ts";
import { clean } from "../text/clean.ts";
import { keyId, namer } from "../text/names.ts";
import { standing } from "../state/presence.ts";
import type { Right } from "../node/node_port.ts";
import { canSign, holders, selectedKey } from "../state/primary.ts";
import { mayAsk } from "../state/rights.ts";
import { Pips } from "./parts.tsx";

/** Ready and needed: of the key at hand, or of all holders while there is none. */
export function quorum(state: State): { ready: number; of: number; needed: number; quorate: boolean } {
  const all = holders(state);
  const key = selectedKey(state);
  const told = key && state.readiness.get(keyId(key));
  if (key && told) {
    const { ready, quorate } = told;
    const may = quorate && canSign(key, state);
    return { ready: ready.length, of: key.members.length, needed: key.threshold, quorate: may };
  }
  const ready = all.filter((peer) => standing(peer, state) === "ready").length;
  const needed = key?.threshold ?? Math.max(2, Math.floor(all.length / 2) + 1);
  return { ready, of: all.length, needed, quorate: all.length > 0 && ready >= needed };
}

export function Header({ state }: { state: State | null }) {
  return (
    <header class="top">
      <h1>
        <svg class="sign" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
          <circle cx="12" cy="5" r="4" class="full" />
          <circle cx="4.9" cy="17.5" r="4" class="full" />
          <circle cx="19.1" cy="17.5" r="3.25" class="hollow" />
        </svg>
        Quorate
      </h1>
      <p class="tag">Threshold signing among peers, live.</p>
      {state?.self && <Standing state={state} />}
    </header>
  );
}

/** What a tab with these rights does. */
function whatItAsks(rights: readonly Right[]): string {
  const [signs, makes] = [mayAsk(rights, "sign"), mayAsk(rights, "generate")];
  if (signs && makes) return "Sees and asks";
  if (signs) return "Sees, and asks for signatures";
  return makes ? "Sees, and asks for keys" : "Sees, and asks for nothing";
}

function Standing({ state }: { state: State }) {
  const { ready, of, needed, quorate } = quorum(state);
  if (!state.online) {
    return (
      <p class="quorum" data-quorate={false}>
        <strong>This browser is offline</strong>
      </p>
    );
  }
  const self = state.self!;
  const known = state.peers.get(self);
  const { rights } = state;
  const name = known ? namer(state.peers)(self) : "this tab";
  return (
    <>
      <p class="quorum" data-quorate={quorate}>
        <Pips of={of} filled={ready} /> {ready} of {of} ready:{" "}
        <strong>{quorate ? "quorate" : "not quorate"}</strong>
        {!quorate && of > 0 && (
          <span class="hint">
            &nbsp;({ready < needed ? `${needed} needed` : "kept apart"})
          </span>
        )}
      </p>
      <p class="you">
        You: <strong>{clean(name, 40)}</strong>. {whatItAsks(rights)};{" "}
        {rights.includes("holder") ? "may hold parts of keys." : "holds no part of any key."}
      </p>
    </>
  );
}
