/**
 * A running session: the peers that it waits for, and how long that may take.
 * @module
 */
import type { Act } from "../../node/actions.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import type { PeerId } from "../../../src/failure.ts";
import { list, type NameOf, namer } from "../../text/names.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { preparing } from "../../state/preparing.ts";
import { waitingFor } from "../../state/timeline.ts";
import { Preparing } from "./preparing.tsx";
import { useNow } from "../parts.tsx";

const patience = 1_000; // ms; a shorter wait needs no bar

/** The peers whose person is asked, perhaps the reader. @param options.left ms left to answer, or null if unknown. */
export function askingSentence(
  asking: readonly PeerId[],
  { nameOf, self, left }: { nameOf: NameOf; self: PeerId | null; left: number | null },
): string {
  const others = [...new Set(asking)].filter((peer) => peer !== self);
  const you = others.length < asking.length;
  const who = others.length === 0
    ? ""
    : `${list(others.map(nameOf))} ${others.length === 1 ? "is" : "are"} being asked whether to take part. `;
  const seconds = left === null ? 0 : Math.ceil(left / 1000);
  const time = seconds > 90 ? `${Math.round(seconds / 60)} minutes` : `${seconds} s`;
  const until = seconds > 0 ? `There are ${time} left to answer.` : "";
  return `${you ? "You are being asked: answer on this screen. " : ""}${who}${until}`.trim();
}

/** The time until the command's deadline, ms, by its initiator's clock; null while that is unknown. */
export function timeLeft({ attempts }: Session, now: number): number | null {
  for (const { since, accounts } of attempts.values()) {
    for (const { events } of accounts.values()) {
      const began = events.find((event) => event.type === "began");
      if (began) return Math.max(0, began.deadline - began.at - (now - since));
    }
  }
  return null;
}

/** The purpose of a long computation. */
const workSentence = ({ kind }: Session, items: number) =>
  kind === "sign"
    ? `Each signer computes its part of ${items} signatures.`
    : `Each pair of ${
      kind === "reshare" ? "new holders" : "peers"
    } prepares for signing. This is done once for each ${
      kind === "reshare" ? "epoch of a key" : "key"
    }, and takes a while.`;

export function Running({ state, act, session, summary }: {
  state: State;
  act: Act;
  session: Session;
  summary: Summary;
}) {
  const now = useNow(true);
  const nameOf = namer(state.peers);
  const { attempt, party, items } = summary;
  const wait = waitingFor(summary, state.self);
  const work = preparing(summary);
  const passed = attempt ? Math.max(0, now - attempt.since) : 0;
  const asking = attempt?.asking ?? [];
  const sentence = wait
    ? wait.missing.length > 0
      ? `${nameOf(wait.by)} is waiting for ${list(wait.missing.map(nameOf))} in round “${
        clean(wait.round, 24)
      }”.`
      : `Round “${clean(wait.round, 24)}” is under way.`
    : asking.length > 0 && !attempt?.opened
    ? askingSentence(asking, { nameOf, self: state.self, left: timeLeft(session, now) })
    : work.length > 0
    ? workSentence(session, items)
    : party.length > 0
    ? attempt?.opened ? "The votes are being counted." : `Asking ${list(party.map(nameOf))} to take part…`
    : "Choosing who takes part…";
  return (
    <div class="running">
      <p>{sentence}</p>
      {work.length > 0 && (
        <Preparing
          work={work}
          doing={session.kind === "sign" ? "computes signatures" : "prepares pairs"}
          nameOf={nameOf}
        />
      )}
      {passed > patience && work.length === 0 && (
        <label class="waiting">
          <progress {...(wait && wait.ms > 0 ? { max: wait.ms, value: Math.min(passed, wait.ms) } : {})} />
          <span class="data">
            {Math.floor(passed / 1000)}{" "}
            s{wait && wait.ms > 0 ? ` of at most ${Math.ceil(wait.ms / 1000)} s` : ""}
          </span>
        </label>
      )}
      {session.request && passed > patience && (
        <button
          type="button"
          class="quiet"
          onClick={() => act.cancel(session.id)}
        >
          Cancel for everyone
        </button>
      )}
    </div>
  );
}
