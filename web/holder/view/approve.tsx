/**
 * The dialog in which a person approves or declines a request.
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ApprovalRequest, SigningRequest } from "../../../mod.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { list, namer, rosterOrder, shortPeer } from "../../text/names.ts";
import { shownRemarks } from "../../text/remarks.ts";
import { schemeTexts } from "../../text/schemes.ts";
import { useNow } from "../../view/parts.tsx";
import { type Answer, type Ask, deadMs } from "../approvals.ts";
import { itemsWord, readingOf, type Shown, shownBatch, shownRequest } from "../shown.ts";
import { Items, Parts } from "./approve_items.tsx";
import { ReshareLines, ReshareNote, ReshareWarnings } from "./approve_reshare.tsx";

/** The number of hex digits of a key's id to show: two keys can have one name. */
const idDigits = 8;

interface Deciding {
  /** The peers of the roster, for names and their order. */
  peers: State["peers"];
  /** This tab's own peer, to tell what a resharing means for it. */
  self?: State["self"];
  /** The known keys, to tell whether the initiator holds a share of the requested one. */
  keys?: State["keys"];
  onAnswer: (id: number, answer: Answer, options?: { checked?: boolean }) => void;
}

/** The dialog for the oldest request; the others wait. */
export function ApproveDialog({ asks, ...deciding }: Deciding & { asks: readonly Ask[] }) {
  const [ask] = asks;
  return ask ? <Dialog key={ask.id} ask={ask} more={asks.length - 1} {...deciding} /> : null;
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
  { ask: { id, request }, more, peers, self = null, keys = null, onAnswer }: Deciding & {
    ask: Ask;
    more: number;
  },
) {
  const nameOf = namer(peers);
  const dialog = useModal();
  const reading = useMemo(() => readingOf(request), [request]);
  const batch = useMemo(() => shownBatch(request), [request]);
  const shown = useMemo(() => batch?.common ?? shownRequest(request), [request]);
  const [checked, setChecked] = useState(false);
  const about = {
    request,
    peers,
    reading,
    checked,
    onAnswer: (answer: Answer) => onAnswer(id, answer, answer === "decline" ? undefined : { checked }),
  };
  return (
    <dialog
      ref={dialog}
      class={batch ? "approve many" : "approve"}
      role="dialog"
      aria-modal="true"
      aria-labelledby="approve-title"
      {...{ closedby: "none" }}
      onCancel={(event) => event.preventDefault()}
      onKeyDown={(event) => event.key === "Escape" && event.preventDefault()}
    >
      <h2 id="approve-title" class="statement" tabIndex={-1}>
        {nameOf(request.initiator)} asks you to {actOf(request)} “{clean(request.wallet, 64)}”.
      </h2>
      {request.kind === "reshare" && <ReshareWarnings request={request} peers={peers} self={self} />}
      <Asked request={request} shown={shown} peers={peers} self={self} keys={keys} />
      {batch && request.kind === "sign" && <Items batch={batch} word={itemsWord(request)} />}
      {request.kind === "generate" && (
        <p class="hint">
          Nothing is signed by this. Each of them gets a share of a new key: this tab would be one of its
          holders, and you would have to keep a backup of its share.
        </p>
      )}
      {request.kind === "reshare" && <ReshareNote request={request} peers={peers} self={self} />}
      {!batch && <TimeLeft expires={request.expires} more={more} />}
      {reading !== "plain" && (
        <label class="tick">
          <input
            type="checkbox"
            checked={checked}
            onChange={(event) => setChecked(event.currentTarget.checked)}
          />{" "}
          {tickText(request, reading)}
        </label>
      )}
      {batch
        ? (
          <>
            <div class="pinned">
              <TimeLeft expires={request.expires} more={more} />
              <Decision {...about} />
            </div>
            <Always {...about} />
          </>
        )
        : (
          <Decision {...about}>
            <Always {...about} />
          </Decision>
        )}
    </dialog>
  );
}

/** The act that is asked for, before the name of the wallet. */
function actOf(request: ApprovalRequest): string {
  if (request.kind === "generate") return "hold a share of a new key,";
  if (request.kind === "reshare") return "reshare";
  const { length } = request.items;
  return length > 1 ? `sign ${length} ${itemsWord(request)} with` : "sign with";
}

/** The statement without which a request that is not read in passing is not approved. */
function tickText(request: ApprovalRequest, reading: Reading): string {
  const many = request.kind === "sign" && request.items.length > 1
    ? `${request.items.length} ${itemsWord(request)}`
    : null;
  if (reading === "long") {
    return many ? `I have read all ${many}, to the last.` : "I have read all of the message, to its end.";
  }
  return `I have checked ${
    many ? `these ${many}` : "this hash"
  } elsewhere: not all of what would be signed ` +
    "can be read here.";
}

/** The request itself: who asks, for which key, for what, and with whom. */
function Asked({ request, shown, peers, self, keys }: {
  request: ApprovalRequest;
  shown: readonly Shown[];
  peers: State["peers"];
  self: State["self"];
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
        {request.kind !== "generate" && (
          <>
            , id <code>{request.keyId.slice(0, idDigits)}…</code>
          </>
        )}
      </dd>
      <Parts shown={shown} focusable />
      {request.kind === "reshare" && <ReshareLines request={request} peers={peers} self={self} />}
      {shownRemarks(request, nameOf(request.initiator)).map(({ label, text }, i, { length }) => [
        <dt key={`${label}?`}>{label}</dt>,
        <dd key={label}>
          “{text}”
          {i === length - 1 && <span class="hint">The asker's own words: nothing has checked them.</span>}
        </dd>,
      ])}
      {request.kind !== "reshare" && (
        <>
          <dt>{request.kind === "sign" ? "Who would sign" : "Who would hold shares"}</dt>
          <dd>{list(rosterOrder(request.party, peers).map(nameOf))}</dd>
        </>
      )}
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

type Reading = ReturnType<typeof readingOf>;

interface Choice {
  request: ApprovalRequest;
  peers: State["peers"];
  reading: Reading;
  /** Whether the person has ticked the statement. */
  checked: boolean;
  onAnswer: (answer: Answer) => void;
}

/** Approving is the first button for what can be read in passing; otherwise declining is. */
function Decision(
  { request, reading, checked, onAnswer, children }: Choice & { children?: ComponentChildren },
) {
  const live = useLive();
  const readable = reading === "plain";
  const count = request.kind === "sign" && request.items.length > 1 ? ` all ${request.items.length}` : "";
  return (
    <div class="buttons">
      {readable && (
        <button type="button" class="primary" disabled={!live} onClick={() => onAnswer("accept")}>
          Approve{count}
        </button>
      )}
      <button type="button" class={readable ? "plain" : "primary"} onClick={() => onAnswer("decline")}>
        Decline
      </button>
      {!readable && (
        <button
          type="button"
          class="plain"
          disabled={!live || !checked}
          onClick={() => onAnswer("accept")}
        >
          {reading === "unreadable" ? "Approve what is not shown" : `Approve${count || " all of it"}`}
        </button>
      )}
      {children}
    </div>
  );
}

/** The button for a rule. A resharing is asked about each time. */
function Always({ request, peers, reading, checked, onAnswer }: Choice) {
  const live = useLive();
  if (request.kind === "reshare") return null;
  const readable = reading === "plain";
  return (
    <button
      type="button"
      class="quiet"
      disabled={!live || !(readable || checked)}
      onClick={() => onAnswer("always")}
    >
      Always while this page is open: {namer(peers)(request.initiator)} with “{clean(request.wallet, 32)}”
      {readable ? "" : ", also what cannot be read here"}
    </button>
  );
}
