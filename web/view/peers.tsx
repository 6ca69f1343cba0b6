/**
 * The list of peers: whether each can be reached, and their links.
 * @module
 */
import { explain } from "../../src/explain.ts";
import type { PeerId } from "../../src/failure.ts";
import { carrierWords } from "../text/carrier.ts";
import type { State } from "../state/model.ts";
import { list, namer, shortPeer } from "../text/names.ts";
import { hasLink, standing } from "../state/presence.ts";
import { holders } from "../state/primary.ts";
import { formerHolders } from "../state/resharing/choice.ts";
import { pendingScenario } from "../state/scenario.ts";

export function Peers({ state, onLeaving = null }: {
  state: State;
  /** Opens the form for a holder that leaves; null if this tab may not reshare. */
  onLeaving?: (() => void) | null;
}) {
  const nameOf = namer(state.peers);
  const all = holders(state);
  const formers = formerHolders(state);
  // A console that has left stays in the roster, so only connected ones count.
  const watching =
    [...state.peers].filter(([peer, { rights, connected }]) =>
      peer !== state.self && connected && !rights.includes("holder")
    ).length;
  return (
    <section class="panel" aria-labelledby="peers-title">
      <h2 id="peers-title">Peers</h2>
      {all.length === 0 ? <p class="hint">No holder is in the roster yet.</p> : (
        <ul class="peers">
          {all.map((peer) => <Peer key={peer} peer={peer} state={state} name={nameOf(peer)} />)}
        </ul>
      )}
      <Links state={state} peers={all} />
      {watching > 0 && (
        <p class="hint">
          {watching === 1 ? "1 other console is" : `${watching} other consoles are`} watching.
        </p>
      )}
      <LinkFaults state={state} />
      {formers.length > 0 && (
        <p class="hint">
          Not a holder any more, but its share still counts: {list(formers.map(nameOf))}.
        </p>
      )}
      {onLeaving && all.length > 1 && (state.keys ?? []).length > 0 && (
        <button type="button" class="quiet" onClick={onLeaving}>Add or remove holders…</button>
      )}
    </section>
  );
}

function Peer({ peer, state, name }: { peer: PeerId; state: State; name: string }) {
  const status = state.peers.get(peer)!;
  const here = peer === state.self;
  const armed = pendingScenario(state.scenarios);
  const stands = standing(peer, state);
  const word = !here ? stands : stands === "locked" ? "this tab, locked" : "this tab";
  return (
    <li data-standing={stands}>
      <span class="lamp" aria-hidden="true" />
      <span class="name" title={shortPeer(peer)}>{name}</span>
      <span class="word">{word}</span>
      {!here && (
        <span class="data">
          {state.online ? carrierWords(status.carrier, status.connected ? status.latencyMs : null) : ""}
        </span>
      )}
      {armed?.peer === peer && <span class="armed">{armed.state}: will {armed.will}</span>}
    </li>
  );
}

/** The protected links between holders; only broken ones are named. */
function Links({ state, peers }: { state: State; peers: readonly PeerId[] }) {
  const nameOf = namer(state.peers);
  const pairs = peers.flatMap((a, i) => peers.slice(i + 1).map((b) => [a, b] as const));
  const links = pairs.map(([a, b]) => {
    const reports = [hasLink(state, a, b), hasLink(state, b, a)];
    const known = reports.some((up) => up !== null);
    return { pair: `${nameOf(a)}–${nameOf(b)}`, up: known && !reports.includes(false), known };
  });
  const known = links.filter((link) => link.known);
  if (known.length === 0 || !state.online) return null;
  const broken = known.filter(({ up }) => !up).map(({ pair }) => pair);
  return (
    <p class="hint">
      Links between them: {broken.length === 0
        ? `all ${known.length} protected.`
        : `${known.length - broken.length} of ${known.length} protected; ${list(broken)} being renewed.`}
    </p>
  );
}

function LinkFaults({ state }: { state: State }) {
  if (state.linkFaults.length === 0) return null;
  const nameOf = namer(state.peers);
  return (
    <details class="plain">
      <summary>
        {state.linkFaults.length === 1
          ? "1 attempt at a link failed"
          : `${state.linkFaults.length} attempts at a link failed`}
      </summary>
      <ul>
        {state.linkFaults.toReversed().map((fault) => (
          <li key={`${fault.peer} ${fault.boot} ${fault.seq}`}>
            {nameOf(fault.peer)}: {explain(fault, nameOf).what}
          </li>
        ))}
      </ul>
    </details>
  );
}
