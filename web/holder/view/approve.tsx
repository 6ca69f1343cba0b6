/**
 * Somebody asks this tab to sign: a person decides.
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { SigningRequest } from "../../../mod.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { curveTitles, list, namer, rosterOrder, shortPeer } from "../../text/names.ts";
import { useNow } from "../../view/parts.tsx";
import { type Answer, type Ask, deadMs } from "../approvals.ts";
import { isReadable, shownRequest } from "../shown.ts";

/** So much of a key's id is shown, hex digits: two keys can have one name. */
const idDigits = 8;

interface Deciding {
  /** The roster's, for names and their order. */
  peers: State["peers"];
  /** Known keys, to say whether whoever asks holds a share of the one that is asked for. */
  keys?: State["keys"];
  onAnswer: (id: number, answer: Answer, options?: { checked?: boolean }) => void;
}

/** The oldest of `asks`; the others wait for it. */
export function ApproveDialog({ asks, ...deciding }: Deciding & { asks: readonly Ask[] }) {
  const [ask] = asks;
  return ask ? <Dialog key={ask.id} ask={ask} more={asks.length - 1} {...deciding} /> : null;
}

/** A text line by line, with a mark where a line ends, so that no blank and no empty line goes unseen. */
function Lines({ text }: { text: string }) {
  const lines = text.split("\n");
  return (
    <p class="message told" tabIndex={0}>
      {lines.map((line, i) => <span key={i} class={i < lines.length - 1 ? "line ended" : "line"}>{line}
      </span>)}
    </p>
  );
}

/** Whether it is known that whoever asks is none of the key's holders. */
function isOutsider({ initiator, key: id }: SigningRequest, keys: State["keys"]): boolean {
  const key = keys?.find(({ session }) => session === id);
  return key !== undefined && !key.members.includes(initiator);
}

/** Whether the dialog has been open for long enough to be answered with a yes. */
function useLive(): boolean {
  const [live, setLive] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLive(true), deadMs + 50); // later than the approvals themselves, never sooner
    return () => clearTimeout(timer);
  }, []);
  return live;
}

function Dialog(
  { ask: { id, request }, more, peers, keys = null, onAnswer }: Deciding & { ask: Ask; more: number },
) {
  const now = useNow(true);
  const nameOf = namer(peers);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // On no button: a key that is being pressed for something else decides nothing.
    dialog.current?.querySelector("h2")?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const readable = isReadable(request);
  const shown = shownRequest(request);
  const [checked, setChecked] = useState(false);
  const live = useLive();
  const mayApprove = live && (readable || checked);
  const answer = (answer: Answer) => onAnswer(id, answer, { checked });
  const who = `${nameOf(request.initiator)} (${shortPeer(request.initiator)})`;
  const left = Math.max(0, Math.ceil((request.expires - now) / 1000));
  return (
    <dialog
      ref={dialog}
      class="approve"
      role="dialog"
      aria-modal="true"
      aria-labelledby="approve-title"
      {...{ closedby: "none" }}
      onCancel={(event) => event.preventDefault()}
      onKeyDown={(event) => event.key === "Escape" && event.preventDefault()}
    >
      <h2 id="approve-title" class="statement" tabIndex={-1}>
        {nameOf(request.initiator)} asks you to{" "}
        {request.kind === "sign" ? "sign with" : "hold a share of a new key,"} “{clean(request.wallet, 64)}”.
      </h2>
      <dl>
        <dt>Who asks</dt>
        <dd>
          {who}
          {request.kind === "sign" && isOutsider(request, keys) && (
            <span class="hint">, who holds no share of this key</span>
          )}
        </dd>
        <dt>Key</dt>
        <dd>
          “{clean(request.wallet, 64)}” on {curveTitles[request.curve]}
          {request.kind === "sign" && (
            <>
              , id <code>{request.key.slice(0, idDigits)}…</code>
            </>
          )}
        </dd>
        {shown.map(({ label, text, plain, long }) => [
          <dt key={`${label}?`}>{label}</dt>,
          <dd key={label}>
            {plain || long ? <Lines text={text} /> : <code class="long told" tabIndex={0}>{text}</code>}
          </dd>,
        ])}
        <dt>{request.kind === "sign" ? "Who would sign" : "Who would hold shares"}</dt>
        <dd>{list(rosterOrder(request.party, peers).map(nameOf))}</dd>
      </dl>
      {request.kind === "generate" && (
        <p class="hint">
          Nothing is signed by this. Each of them gets a share of a key that did not exist before: this tab
          would be one of its holders, and you would have to keep a backup of its share.
        </p>
      )}
      <p class="hint">
        {left > 0 ? `It can be answered for ${left} s.` : "It is about to lapse."}
        {more > 0 && ` ${more} more ${more === 1 ? "waits" : "wait"}.`}
      </p>
      {!readable && (
        <label class="tick">
          <input
            type="checkbox"
            checked={checked}
            onChange={(event) => setChecked(event.currentTarget.checked)}
          />{" "}
          {shown.some(({ long }) => long)
            ? "I have read all of the message, to its end."
            : "I have checked this hash elsewhere: not all of what would be signed can be read here."}
        </label>
      )}
      <div class="buttons">
        {readable && (
          <button type="button" class="primary" disabled={!live} onClick={() => answer("accept")}>
            Approve
          </button>
        )}
        <button
          type="button"
          class={readable ? "plain" : "primary"}
          onClick={() => onAnswer(id, "decline")}
        >
          Decline
        </button>
        {!readable && (
          <button
            type="button"
            class="plain"
            disabled={!mayApprove}
            onClick={() => answer("accept")}
          >
            {shown.some(({ long }) => long) ? "Approve all of it" : "Approve what is not shown"}
          </button>
        )}
        <button type="button" class="quiet" disabled={!mayApprove} onClick={() => answer("always")}>
          Always for this session of the page: {nameOf(request.initiator)} with “{clean(request.wallet, 32)}”
          {readable ? "" : ", also what cannot be read here"}
        </button>
      </div>
    </dialog>
  );
}
