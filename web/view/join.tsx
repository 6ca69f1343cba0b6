/**
 * Before there is a node: how far joining has got, or why it did not work out.
 * @module
 */
import { useId, useState } from "preact/hooks";
import { clean } from "../text/clean.ts";
import { invitationIn } from "../../src/cluster/roster/join.ts";
import { invitationProblems } from "../text/invitation.ts";
import { list } from "../text/names.ts";
import type { JoinProblem, JoinStep } from "../node/node_port.ts";

export type Joining =
  | { state: "joining"; step: JoinStep }
  | { state: "refused"; problem: JoinProblem };

const order = ["key", "connecting", "joining", "starting"] as const;

/** `names` were in the invitation: they are cleaned like all that comes from elsewhere. */
export function stepSentence({ step, names = [] }: JoinStep): string {
  const who = names.length > 0 ? list(names.map((name) => clean(name, 24))) : "the cluster";
  switch (step) {
    case "key":
      return "Making a key for this tab…";
    case "connecting":
      return `Connecting to ${who}…`;
    case "joining":
      return `Showing the invitation to ${who}…`;
    case "starting":
      return "You are in. Starting this tab's node…";
    default:
      return step satisfies never;
  }
}

const problems: Readonly<Record<JoinProblem, { what: string; next: string }>> = {
  ...invitationProblems,
  "no-invitation": {
    what: "This page needs an invitation.",
    next: "Open the link that the cluster printed, or paste it here.",
  },
  mistake: {
    what: "This page made a mistake.",
    next: "Its details are in the browser's console. Try again.",
  },
};

/** After these the same invitation may do. */
const again: readonly JoinProblem[] = ["unanswered", "declined", "full", "mistake"];

export function Join(
  { joining, onRetry }: { joining: Joining; onRetry: (invitation: string | null) => void },
) {
  return joining.state === "joining"
    ? <Progress step={joining.step} />
    : <Refused problem={joining.problem} onRetry={onRetry} />;
}

function Progress({ step }: { step: JoinStep }) {
  const rows = step.names && step.names.length > 0 ? step.names.slice(0, 16) : ["", "", ""];
  return (
    <section class="panel join" aria-labelledby="join-title" aria-busy="true">
      <h2 id="join-title" class="statement">Joining the cluster</h2>
      <p role="status">{stepSentence(step)}</p>
      <progress max={order.length} value={order.indexOf(step.step) + 0.5} aria-label="Joining" />
      <ul class="peers">
        {rows.map((name, i) => (
          <li key={i} data-standing="connecting" class="skeleton">
            <span class="lamp" aria-hidden="true" />
            <span class="name">{name ? clean(name, 24) : `Peer ${i + 1}`}</span>
            <span class="word">connecting</span>
          </li>
        ))}
      </ul>
      <p class="hint">
        This tab becomes a peer of its own. It holds no part of any key: it sees everything, and may ask.
      </p>
    </section>
  );
}

function Refused(
  { problem, onRetry }: { problem: JoinProblem; onRetry: (invitation: string | null) => void },
) {
  const { what, next } = problems[problem];
  const [pasted, setPasted] = useState("");
  const id = useId();
  const asks = !again.includes(problem);
  const submit = (event: Event) => {
    event.preventDefault();
    onRetry(asks ? invitationIn(pasted) ?? pasted.trim() : null);
  };
  return (
    <section class="panel join" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} class="statement">{what}</h2>
      <p>{next}</p>
      <form onSubmit={submit}>
        {asks && (
          <label class="field wide">
            <span>Invitation</span>
            <input
              type="text"
              autocomplete="off"
              spellcheck={false}
              required
              value={pasted}
              onInput={(event) => setPasted(event.currentTarget.value)}
            />
          </label>
        )}
        <div class="buttons">
          <button type="submit" class="primary">{asks ? "Join" : "Try again"}</button>
        </div>
      </form>
    </section>
  );
}
