/**
 * The dialog in which a person approves or declines a request.
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApprovalRequest, SigningRequest } from "../../../mod.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { list, namer, rosterOrder, shortPeer } from "../../text/names.ts";
import { shownRemarks } from "../../text/remarks.ts";
import { schemeTexts } from "../../text/schemes.ts";
import { useNow } from "../../view/parts.tsx";
import { type Answer, type Ask, deadMs } from "../approvals.ts";
import { isReadable, type Shown, shownRequest } from "../shown.ts";

/** The number of hex digits of a key's id to show: two keys can have one name. */
const idDigits = 8;

interface Deciding {
  /** The peers of the roster, for names and their order. */
  peers: State["peers"];
  /** The known keys, to tell whether the initiator holds a share of the requested one. */
  keys?: State["keys"];
  onAnswer: (id: number, answer: Answer, options?: { checked?: boolean }) => void;
}

/** The dialog for the oldest request; the others wait. */
export function ApproveDialog({ asks, ...deciding }: Deciding & { asks: readonly Ask[] }) {
  const [ask] = asks;
  return ask ? <Dialog key={ask.id} ask={ask} more={asks.length - 1} {...deciding} /> : null;
}

/** A text line by line, with a mark at each line's end, so that blanks and empty lines are visible. */
function Lines({ text }: { text: string }) {
  const lines = text.split("\n");
  return (
    <p class="message told" tabIndex={0}>
      {lines.map((line, i) => <span key={i} class={i < lines.length - 1 ? "line ended" : "line"}>{line}
      </span>)}
    </p>
  );
}

/** Whether the initiator is known to be none of the key's holders. */
function isOutsider({ initiator, keyId: id }: SigningRequest, keys: State["keys"]): boolean {
  const key = keys?.find(({ session }) => session === id);
  return key !== undefined && !key.members.includes(initiator);
}

/** Whether the dialog has been open for long enough to approve. */
function useLive(): boolean {
  const [live, setLive] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLive(true), deadMs + 50); // never before the approvals themselves
    return () => clearTimeout(timer);
  }, []);
  return live;
}

/** A modal dialog that opens at once, with the focus on its heading, and gives the focus back. */
function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // Not on a button: a key pressed for something else must not decide.
    dialog.current?.querySelector("h2")?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return dialog;
}

function Dialog(
  { ask: { id, request }, more, peers, keys = null, onAnswer }: Deciding & { ask: Ask; more: number },
) {
  const nameOf = namer(peers);
  const dialog = useModal();
  const readable = isReadable(request);
  const shown = shownRequest(request);
  const isLong = shown.some(({ long }) => long);
  const [checked, setChecked] = useState(false);
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
      <Asked request={request} shown={shown} peers={peers} keys={keys} />
      {request.kind === "generate" && (
        <p class="hint">
          Nothing is signed by this. Each of them gets a share of a new key: this tab would be one of its
          holders, and you would have to keep a backup of its share.
        </p>
      )}
      <TimeLeft expires={request.expires} more={more} />
      {!readable && (
        <label class="tick">
          <input
            type="checkbox"
            checked={checked}
            onChange={(event) => setChecked(event.currentTarget.checked)}
          />{" "}
          {isLong
            ? "I have read all of the message, to its end."
            : "I have checked this hash elsewhere: not all of what would be signed can be read here."}
        </label>
      )}
      <Decision
        request={request}
        peers={peers}
        readable={readable}
        isLong={isLong}
        checked={checked}
        onAnswer={(answer) => onAnswer(id, answer, answer === "decline" ? undefined : { checked })}
      />
    </dialog>
  );
}

/** The request itself: who asks, for which key, for what, and with whom. */
function Asked({ request, shown, peers, keys }: {
  request: ApprovalRequest;
  shown: readonly Shown[];
  peers: State["peers"];
  keys: State["keys"];
}) {
  const nameOf = namer(peers);
  return (
    <dl>
      <dt>Who asks</dt>
      <dd>
        {`${nameOf(request.initiator)} (${shortPeer(request.initiator)})`}
        {request.kind === "sign" && isOutsider(request, keys) && (
          <span class="hint">, who holds no share of this key</span>
        )}
      </dd>
      <dt>Key</dt>
      <dd>
        “{clean(request.wallet, 64)}” for {schemeTexts[request.scheme].title}
        {request.kind === "sign" && (
          <>
            , id <code>{request.keyId.slice(0, idDigits)}…</code>
          </>
        )}
      </dd>
      {shown.map(({ label, text, plain, long }) => [
        <dt key={`${label}?`}>{label}</dt>,
        <dd key={label}>
          {plain || long ? <Lines text={text} /> : <code class="long told" tabIndex={0}>{text}</code>}
        </dd>,
      ])}
      {shownRemarks(request, nameOf(request.initiator)).map(({ label, text }, i, { length }) => [
        <dt key={`${label}?`}>{label}</dt>,
        <dd key={label}>
          “{text}”
          {i === length - 1 && <span class="hint">The asker's own words: nothing has checked them.</span>}
        </dd>,
      ])}
      <dt>{request.kind === "sign" ? "Who would sign" : "Who would hold shares"}</dt>
      <dd>{list(rosterOrder(request.party, peers).map(nameOf))}</dd>
    </dl>
  );
}

function TimeLeft({ expires, more }: { expires: number; more: number }) {
  const left = Math.max(0, Math.ceil((expires - useNow(true)) / 1000));
  return (
    <p class="hint">
      {left > 0 ? `It can be answered for ${left} s.` : "It is about to lapse."}
      {more > 0 && ` ${more} more ${more === 1 ? "waits" : "wait"}.`}
    </p>
  );
}

function Decision({ request, peers, readable, isLong, checked, onAnswer }: {
  request: ApprovalRequest;
  peers: State["peers"];
  readable: boolean;
  isLong: boolean;
  checked: boolean;
  onAnswer: (answer: Answer) => void;
}) {
  const live = useLive();
  const mayApprove = live && (readable || checked);
  return (
    <div class="buttons">
      {readable && (
        <button type="button" class="primary" disabled={!live} onClick={() => onAnswer("accept")}>
          Approve
        </button>
      )}
      <button type="button" class={readable ? "plain" : "primary"} onClick={() => onAnswer("decline")}>
        Decline
      </button>
      {!readable && (
        <button
          type="button"
          class="plain"
          disabled={!mayApprove}
          onClick={() => onAnswer("accept")}
        >
          {isLong ? "Approve all of it" : "Approve what is not shown"}
        </button>
      )}
      <button type="button" class="quiet" disabled={!mayApprove} onClick={() => onAnswer("always")}>
        Always while this page is open: {namer(peers)(request.initiator)} with “{clean(request.wallet, 32)}”
        {readable ? "" : ", also what cannot be read here"}
      </button>
    </div>
  );
}
