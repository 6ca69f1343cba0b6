/**
 * Break something on purpose: a sentence to complete. Only on the demo's page, and only with peers that offer it.
 * @module
 */
import { useId, useState } from "preact/hooks";
import { cheats as acted } from "../../src/demo/cheats/cheats.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Act } from "../node/actions.ts";
import { restraintOf } from "../state/forbidden_pairs.ts";
import { signersFor } from "../node/ask.ts";
import { type Cheat, cheats } from "./cheats.ts";
import { type State, warningCount } from "../state/model.ts";
import { curveNames, namer } from "../text/names.ts";
import type { GroupKey } from "../node/node_port.ts";
import { selectedKey } from "../state/primary.ts";
import { mayAsk } from "../state/rights.ts";
import { sessionLink } from "../text/session_link.ts";
import { type Verdict, verdict, waiting } from "../state/scenario.ts";
import { summarize } from "../state/summary.ts";

const stranger = "stranger";
const verdictWords: Record<Verdict, string> = {
  "as expected": "as expected ✓",
  "not as expected": "not as expected",
  "waiting": "…",
};

export function Misbehave({ state, act, main }: { state: State; act: Act; main: boolean }) {
  const nameOf = namer(state.peers);
  const { speakers } = state;
  const [who, setWho] = useState<string | null>(null);
  const [what, setWhat] = useState<string | null>(null);
  const id = useId();
  const key = selectedKey(state);
  const wanted = who !== null && (who === stranger || speakers.includes(who))
    ? who
    : speakers[1] ?? speakers[0];
  // Where nobody may sign with a peer any more, there is nothing for it to break.
  const chosen = wanted && possible(state, key, wanted).length > 0 ? wanted : stranger;
  const offered = possible(state, key, chosen);
  const party = partyWith(state, key, chosen);
  const curve = key?.curve ?? "ed25519";
  const cheat = offered.find((one) => one.id === what) ?? offered[0]!;
  const other = party.find((peer) => peer !== chosen);
  const name = chosen === stranger ? "A stranger" : nameOf(chosen);
  const otherName = other ? nameOf(other) : "another";
  const armed = waiting(state.shows);
  const refused = state.shows.at(-1)?.state === "refused" ? state.shows.at(-1)! : null;
  const expect = cheat.expect(chosen);
  const when = expect.kind === "sign" ? `signing with ${curveNames[curve]}` : "key creation";
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
            {speakers.map((peer) => <option key={peer} value={peer}>{nameOf(peer)}</option>)}
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
          <button type="submit" class={main ? "primary" : "plain"} aria-disabled={armed?.state === "arming"}>
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

/** Who would sign with whoever is armed. */
function partyWith(state: State, key: GroupKey | null, chosen: string): readonly PeerId[] {
  const armed = chosen === stranger ? null : chosen;
  const order = [...(armed ? [armed] : []), ...state.speakers.filter((peer) => peer !== armed)];
  if (!key) return order.slice(0, 2);
  return signersFor(key, { picked: null, armed, ready: [], restraint: restraintOf(key, state) }) ??
    (armed ? [] : key.members);
}

/** What gets its chance in the next session of its kind: the demo's peers know. */
function possible(state: State, key: GroupKey | null, chosen: string): readonly Cheat[] {
  if (chosen === stranger) return cheats.filter(({ by }) => by === "stranger");
  const signers = partyWith(state, key, chosen);
  return cheats.filter(({ id, by, expect }) => {
    const { kind } = expect(chosen);
    const party = kind === "sign" ? signers : state.speakers;
    const curve = kind === "sign" ? key?.curve ?? "ed25519" : "ed25519";
    return by === "peer" && party.includes(chosen) && mayAsk(state.rights, kind) &&
      (acted.get(id)?.applies({ kind, party, curve }) ?? false);
  });
}

/** What was tried, and how it went. */
function Past({ state }: { state: State }) {
  const nameOf = namer(state.peers);
  const played = state.shows.filter(({ state }) => state === "played").reverse();
  if (played.length === 0) return null;
  return (
    <ul class="past">
      {played.map((show) => {
        const session = show.session === null ? undefined : state.sessions.get(show.session);
        const result = verdict(show, session ? summarize(session, state) : null, warningCount(state));
        return (
          <li key={show.id} data-verdict={result}>
            {session
              ? (
                <a href={sessionLink(session.key)}>
                  {show.peer === null ? "A stranger" : nameOf(show.peer)}: {show.will}
                </a>
              )
              : show.will} <span>{verdictWords[result]}</span>
          </li>
        );
      })}
    </ul>
  );
}
