/**
 * Signing with the key at hand.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { PeerId } from "../../src/failure.ts";
import { maxMessage } from "../../src/limits.ts";
import type { Act, Refusal } from "../node/actions.ts";
import { forbiddenPairIn } from "../../src/cluster/records/party_search.ts";
import { restraintOf } from "../state/forbidden_pairs.ts";
import { type Format, hashNames, inputOf, mayJoin, pathOf, signersFor } from "../node/ask.ts";
import { clean } from "../text/clean.ts";
import type { State } from "../state/model.ts";
import { curveNames, keyId, list, namer, rosterOrder, short } from "../text/names.ts";
import type { DigestHash, GroupKey } from "../node/node_port.ts";
import { canSign } from "../state/primary.ts";
import { standing } from "../state/presence.ts";
import { mayAsk } from "../state/rights.ts";
import { waiting } from "../state/scenario.ts";
import { addressesOf } from "./addresses.tsx";
import { Copy, Pips } from "./parts.tsx";
import { outlookSentence } from "./session/refusing.tsx";

export interface SignProps {
  state: State;
  act: Act;
  groupKey: GroupKey;
  main: boolean;
  narrow: boolean;
}

/** Who is there where more are needed. */
export function tooFewSentence(
  { threshold, members }: Pick<GroupKey, "threshold" | "members">,
  there: readonly PeerId[],
  state: State,
): string {
  if (!state.online) return "This browser is offline.";
  if (there.length === 0) return `Nobody is here who holds a part of this key.`;
  const who = list(there.map(namer(state.peers)));
  return `${threshold} of its ${members.length} holders are needed; only ${who} ${
    there.length === 1 ? "is" : "are"
  } here.`;
}

/** How several lines are signed: a text field has one kind of line end, whatever was pasted into it. */
export function linesSentence(typed: string): string {
  const bytes = new TextEncoder().encode(typed).length;
  return `${typed.split("\n").length} lines, ${
    bytes.toLocaleString("en")
  } bytes. Every line end is signed as one line ` +
    "feed (\\n); choose “a file” for others.";
}

export function Sign({ state, act, groupKey: key, main, narrow }: SignProps) {
  const [unfolded, setUnfolded] = useState(false);
  const [typed, setTyped] = useState("hello threshold");
  const [wanted, setFormat] = useState<Format>("text");
  const [hash, setHash] = useState<DigestHash>("sha256");
  const [child, setChild] = useState("");
  const [file, setFile] = useState<Uint8Array | null>(null);
  const [chosen, setChosen] = useState<{ key: string; peers: readonly PeerId[] } | null>(null);
  const [refusal, setRefusal] = useState<Refusal>(null);
  const id = useId();
  const ecdsa = key.curve === "secp256k1";
  const format = wanted === "digest" && !ecdsa ? "hex" : wanted;
  // Another key may have other holders: what was picked for one is not for the other.
  const picked = chosen?.key === keyId(key) ? chosen.peers : null;
  const pick = (peers: readonly PeerId[] | null) => setChosen(peers && { key: keyId(key), peers });
  const nameOf = namer(state.peers);
  const armed = waiting(state.shows);
  const restraint = restraintOf(key, state);
  const signers = signersFor(key, {
    picked,
    armed: armed?.expect.kind === "sign" ? armed.peer : null,
    ready: state.readiness.get(keyId(key))?.ready ?? [],
    restraint,
  });
  const may = mayAsk(state.rights, "sign");
  const there = key.members.filter((peer) => standing(peer, state) === "ready");
  const usable = key.state === "active" && canSign(key, state);
  const ready = may && usable && there.length >= key.threshold;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    const input = inputOf(key.curve, { format, text: typed, file, hash });
    if (typeof input === "string") return setRefusal({ field: "message", message: input });
    const path = ecdsa ? pathOf(child) : [];
    if (typeof path === "string") return setRefusal({ field: "path", message: path });
    const wrong = picked && wrongParty(picked);
    if (wrong) return setRefusal({ field: "signers", message: wrong });
    const { wallet, curve } = key;
    const more = { ...(path.length > 0 && { path }), ...(signers && { signers }) };
    setRefusal(act.sign({ wallet, curve, ...input, ...more }));
  };
  const wrongParty = (party: readonly PeerId[]) => {
    const pair = forbiddenPairIn(party, restraint.apart);
    if (pair) return `${list(pair.map(nameOf))} must not sign together with this key.`;
    return party.length === key.threshold
      ? null
      : `Choose ${key.threshold} signers; ${party.length === 1 ? "one is" : `${party.length} are`} chosen.`;
  };
  const read = async (chosen: File | undefined) => {
    if (!chosen) return setFile(null);
    // One byte more than may be: enough to say that it is too long without reading it all.
    setFile(new Uint8Array(await chosen.slice(0, maxMessage + 1).arrayBuffer()));
  };
  const members = rosterOrder(key.members, state.peers);
  const kept = restraint.apart.length > 0 || restraint.frozen.length > 0;
  const anybody = kept ? `any ${key.threshold} that may` : `any ${key.threshold}`;
  const label = armed?.peer && signers?.includes(armed.peer)
    ? `Sign with ${nameOf(armed.peer)} and watch`
    : armed?.peer === null
    ? "Sign and watch"
    : "Sign a message";
  const siblings = (state.keys ?? []).filter(({ wallet }) => wallet === key.wallet);
  if (narrow && !main && !unfolded && may) {
    return (
      <button type="button" class="plain" onClick={() => setUnfolded(true)}>
        Sign with “{clean(key.wallet, 64)}”…
      </button>
    );
  }
  const formats: readonly [Format, string][] = [
    ["text", "text"],
    ["hex", "hex"],
    ["file", "a file"],
    ...(ecdsa ? [["digest", "a digest"] as const] : []),
  ].map(([value, name]) => [value as Format, name!]);
  const options = (
    <>
      <label class="field">
        <span>Given as</span>
        <select value={format} onChange={(event) => setFormat(event.currentTarget.value as Format)}>
          {formats.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </label>
      {ecdsa && (
        <label class="field">
          <span>{format === "digest" ? "Made by" : "Hash"}</span>
          <select value={hash} onChange={(event) => setHash(event.currentTarget.value as DigestHash)}>
            {Object.entries(hashNames).map(([value, name]) => (
              <option key={value} value={value}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <fieldset class="field">
        <legend>Signers</legend>
        <label class="tick">
          <input type="radio" name={`${id}-who`} checked={picked === null} onChange={() => pick(null)} />
          {anybody}
        </label>
        <label class="tick">
          <input
            type="radio"
            name={`${id}-who`}
            checked={picked !== null}
            onChange={() => pick(signers ?? members.slice(0, key.threshold))}
          />
          choose
        </label>
        {picked && members.map((peer) => (
          <label key={peer} class="tick">
            <input
              type="checkbox"
              checked={picked.includes(peer)}
              disabled={!mayJoin(peer, picked, restraint)}
              onChange={(event) =>
                pick(
                  members.filter((one) => one === peer ? event.currentTarget.checked : picked.includes(one)),
                )}
            />
            {nameOf(peer)}
          </label>
        ))}
      </fieldset>
    </>
  );
  const [address] = addressesOf(key);
  const head = (
    <div class="keyline">
      <h2 id={`${id}-title`} tabIndex={-1}>{clean(key.wallet, 64)}</h2>
      {siblings.length > 1
        ? (
          <label class="switch">
            <span class="unseen">Key</span>
            <select
              value={keyId(key)}
              onChange={(event) => act.select(event.currentTarget.value)}
            >
              {siblings.map((one) => (
                <option key={keyId(one)} value={keyId(one)}>{curveNames[one.curve]}</option>
              ))}
            </select>
          </label>
        )
        : <span class="data">{curveNames[key.curve]}</span>}
      <span class="data">
        <Pips of={key.members.length} filled={key.threshold} /> {key.threshold} of {key.members.length}
      </span>
      {address && (
        <span class="address">
          <code title={address.text}>{short(address.text, 6, 6)}</code>
          <Copy text={address.text} what={address.what} act={act} />
        </span>
      )}
    </div>
  );
  if (!may) {
    return (
      <section class="action" aria-labelledby={`${id}-title`}>
        {head}
        <p class="hint">This tab has no right to ask for signatures (“initiator”).</p>
      </section>
    );
  }
  return (
    <form class="action" aria-labelledby={`${id}-title`} onSubmit={submit} noValidate>
      {head}
      <div class="fields">
        <div class="field wide">
          <label for={`${id}-message`}>{format === "digest" ? "Digest, 64 hex digits" : "Message"}</label>
          {format === "file"
            ? (
              <input
                id={`${id}-message`}
                type="file"
                onChange={(event) => void read(event.currentTarget.files?.[0])}
              />
            )
            : (
              <textarea
                id={`${id}-message`}
                rows={Math.min(8, typed.split("\n").length)}
                value={typed}
                spellcheck={false}
                autocomplete="off"
                {...(refusal?.field === "message" || refusal?.field === "digest"
                  ? { "aria-invalid": true }
                  : {})}
                onInput={(event) => setTyped(event.currentTarget.value)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                    event.preventDefault();
                    event.currentTarget.form?.requestSubmit();
                  }
                }}
              />
            )}
          {format === "text" && typed.includes("\n") && <span class="hint">{linesSentence(typed)}</span>}
        </div>
        {narrow
          ? (
            <details class="plain">
              <summary>
                As {formats.find(([value]) => value === format)![1]}
                {ecdsa ? `, ${hashNames[hash]}` : ""}, signed by {picked ? "chosen peers" : anybody}
              </summary>
              <div class="fields">{options}</div>
            </details>
          )
          : options}
        <div class="buttons">
          <button type="submit" class={main ? "primary" : "plain"} aria-disabled={!ready}>
            {label}
          </button>
          {key.state === "pending" && <span class="hint">This key is not finished yet.</span>}
          {key.state === "frozen" && <span class="hint">This key is frozen.</span>}
          {usable && !ready && <span class="hint">{tooFewSentence(key, there, state)}</span>}
          {key.state === "active" && !usable && <span class="hint">{outlookSentence(key, state)}</span>}
        </div>
      </div>
      {ecdsa && (
        <details class="plain">
          <summary>Sign with a child of this key{child.trim() === "" ? "" : `: ${clean(child, 40)}`}</summary>
          <label class="field path">
            <span>Path, such as 0/5; nothing hardened</span>
            <input
              type="text"
              value={child}
              spellcheck={false}
              autocomplete="off"
              {...(refusal?.field === "path" ? { "aria-invalid": true } : {})}
              onInput={(event) => setChild(event.currentTarget.value)}
            />
          </label>
        </details>
      )}
      {refusal && <p class="problem" role="alert">{clean(refusal.message, 200)}</p>}
    </form>
  );
}
