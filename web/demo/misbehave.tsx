/**
 * The panel “Break something on purpose”: a sentence to complete. Only in the demo, and only with peers that offer it.
 * @module
 */
import { useId, useState } from "preact/hooks";
import { cheats as carriedOut } from "../../src/demo/cheats/cheats.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Act } from "../node/actions.ts";
import { restraintOf, signersFor } from "../state/forbidden_pairs.ts";
import { type Cheat, cheats } from "./cheats.ts";
import { type State, warningCount } from "../state/model.ts";
import { namer } from "../text/names.ts";
import { defaultScheme, schemeTexts } from "../text/schemes.ts";
import type { GroupKey } from "../node/node_port.ts";
import { selectedKey } from "../state/primary.ts";
import { mayAsk } from "../state/rights.ts";
import { sessionLink } from "../text/session_link.ts";
import { pendingScenario, type ScenarioResult, scenarioResult } from "../state/scenario.ts";
import { summarize } from "../state/summary.ts";

const stranger = "stranger";
const resultWords: Record<ScenarioResult, string> = {
  "as expected": "as expected ✓",
  "not as expected": "not as expected",
  "waiting": "…",
};

export function Misbehave({ state, act }: { state: State; act: Act }) {
  const nameOf = namer(state.peers);
  const { cheatingPeers } = state;
  const [who, setWho] = useState<string | null>(null);
  const [what, setWhat] = useState<string | null>(null);
  const id = useId();
  const key = selectedKey(state);
  const wanted = who !== null && (who === stranger || cheatingPeers.includes(who))
    ? who
    : cheatingPeers[1] ?? cheatingPeers[0];
  // A peer with which nobody may sign has nothing to break.
  const chosen = wanted && possible(state, key, wanted).length > 0 ? wanted : stranger;
  const offered = possible(state, key, chosen);
  const party = partyWith(state, key, chosen);
  const scheme = key?.scheme ?? defaultScheme;
  const cheat = offered.find((one) => one.id === what) ?? offered[0]!;
  const other = party.find((peer) => peer !== chosen);
  const name = chosen === stranger ? "A stranger" : nameOf(chosen);
  const otherName = other ? nameOf(other) : "another";
  const armed = pendingScenario(state.scenarios);
  const refused = state.scenarios.at(-1)?.state === "refused" ? state.scenarios.at(-1)! : null;
  const expect = cheat.expect(chosen);
  const when = expect.kind === "sign" ? `signing with ${schemeTexts[scheme].name}` : "key creation";
  const see = cheat.see(name, otherName);
  const arm = (event: Event) => {
    event.preventDefault();
    if (armed?.state === "arming") return;
    const peer = chosen === stranger ? null : chosen;
    act.arm({ peer, will: cheat.will(otherName), see, expect }, cheat.id);
  };
  return (
    <section class="panel break" id="break" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Break something on purpose</h2>
      <form onSubmit={arm}>
        <p class="sentence">
          <select aria-label="Who" value={chosen} onChange={(event) => setWho(event.currentTarget.value)}>
            {cheatingPeers.map((peer) => <option key={peer} value={peer}>{nameOf(peer)}</option>)}
            <option value={stranger}>A stranger</option>
          </select>{" "}
          will{" "}
          <select
            aria-label="does what"
            value={cheat.id}
            onChange={(event) => setWhat(event.currentTarget.value)}
          >
            {offered.map((one) => <option key={one.id} value={one.id}>{one.will(otherName)}</option>)}
          </select>{" "}
          in the next {when}.
        </p>
        <p class="see">
          <strong>You should see:</strong> {see}
        </p>
        <div class="buttons">
          <button type="submit" class="plain" aria-disabled={armed?.state === "arming"}>
            {armed?.state === "arming" ? "Arming…" : `Arm ${chosen === stranger ? "a stranger" : name}`}
          </button>
        </div>
      </form>
      <p role="status" class={refused ? "problem" : "hint"}>
        {armed?.state === "armed"
          ? `Armed: ${armed.peer === null ? "a stranger" : nameOf(armed.peer)} will ${armed.will}, once. ${
            armed.expect.kind === "sign" ? "Sign a message to see it." : "Create a key to see it."
          }`
          : refused?.problem ?? ""}
      </p>
      <Past state={state} />
    </section>
  );
}

/** The party that would sign with the armed peer. */
function partyWith(state: State, key: GroupKey | null, chosen: string): readonly PeerId[] {
  const armed = chosen === stranger ? null : chosen;
  const order = [...(armed ? [armed] : []), ...state.cheatingPeers.filter((peer) => peer !== armed)];
  if (!key) return order.slice(0, 2);
  return signersFor(key, { picked: null, armed, ready: [], restraint: restraintOf(key, state) }) ??
    (armed ? [] : key.members);
}

/** The misbehaviours that the peer can carry out in the next session of their kind. */
function possible(state: State, key: GroupKey | null, chosen: string): readonly Cheat[] {
  if (chosen === stranger) return cheats.filter(({ by }) => by === "stranger");
  const signers = partyWith(state, key, chosen);
  return cheats.filter(({ id, by, expect }) => {
    const { kind } = expect(chosen);
    const party = kind === "sign" ? signers : state.cheatingPeers;
    const scheme = kind === "sign" ? key?.scheme ?? defaultScheme : defaultScheme;
    return by === "peer" && party.includes(chosen) && mayAsk(state.rights, kind) &&
      (carriedOut.get(id)?.applies({ kind, party, scheme }) ?? false);
  });
}

/** The past scenarios and their results. */
function Past({ state }: { state: State }) {
  const nameOf = namer(state.peers);
  const matched = state.scenarios.filter(({ state }) => state === "matched").reverse();
  if (matched.length === 0) return null;
  return (
    <ul class="past">
      {matched.map((scenario) => {
        const session = scenario.session === null ? undefined : state.sessions.get(scenario.session);
        const result = scenarioResult(
          scenario,
          session ? summarize(session, state) : null,
          warningCount(state),
        );
        return (
          <li key={scenario.id} data-result={result}>
            {session
              ? (
                <a href={sessionLink(session.key)}>
                  {scenario.peer === null ? "A stranger" : nameOf(scenario.peer)}: {scenario.will}
                </a>
              )
              : scenario.will} <span>{resultWords[result]}</span>
          </li>
        );
      })}
    </ul>
  );
}
