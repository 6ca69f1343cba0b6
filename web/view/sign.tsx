/**
 * Signing with the key at hand.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { PeerId } from "../../src/failure.ts";
import { maxMessage } from "../../src/limits.ts";
import type { Act, Refusal } from "../actions.ts";
import { clean } from "../clean.ts";
import type { State } from "../model.ts";
import { curveNames, namer, rosterOrder, short } from "../names.ts";
import type { GroupKey } from "../node_port.ts";
import { waiting } from "../show.ts";
import { Copy, Pips } from "./parts.tsx";

export type Format = "text" | "hex" | "file";

/** @returns The bytes, or what is wrong with what was typed. */
export function messageBytes(format: Format, typed: string, file: Uint8Array | null): Uint8Array | string {
  if (format === "file") {
    if (!file) return "message: choose a file";
    if (file.length > maxMessage) {
      return `message: expected at most ${maxMessage} bytes, found ${file.length}`;
    }
    return file;
  }
  if (format === "text") {
    const bytes = new TextEncoder().encode(typed);
    if (bytes.length > maxMessage) {
      return `message: expected at most ${maxMessage} bytes, found ${bytes.length}`;
    }
    return bytes;
  }
  const digits = typed.replace(/\s|^0x/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return "message: expected pairs of hex digits";
  return Uint8Array.fromHex(digits);
}

/** Whoever is armed is one of the signers: else nothing would be seen. */
export function signersFor(key: GroupKey, picked: readonly PeerId[] | null, armed: PeerId | null) {
  if (picked) return picked;
  if (!armed || !key.members.includes(armed)) return null;
  return [armed, ...key.members.filter((peer) => peer !== armed)].slice(0, key.threshold);
}

export interface SignProps {
  state: State;
  act: Act;
  groupKey: GroupKey;
  main: boolean;
  narrow: boolean;
}

export function Sign({ state, act, groupKey: key, main, narrow }: SignProps) {
  const [unfolded, setUnfolded] = useState(false);
  const [typed, setTyped] = useState("hello threshold");
  const [format, setFormat] = useState<Format>("text");
  const [file, setFile] = useState<Uint8Array | null>(null);
  const [picked, setPicked] = useState<readonly PeerId[] | null>(null);
  const [refusal, setRefusal] = useState<Refusal>(null);
  const id = useId();
  const nameOf = namer(state.peers);
  const armed = waiting(state.shows);
  const signers = signersFor(key, picked, armed?.expect.kind === "sign" ? armed.peer : null);
  const enough = picked === null || picked.length === key.threshold;
  const hex = key.publicKey.toHex();
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.state !== "active") return;
    const message = messageBytes(format, typed, file);
    if (typeof message === "string") return setRefusal({ field: "message", message });
    if (!enough) {
      return setRefusal({
        field: "signers",
        message: `signers: expected ${key.threshold}, found ${picked?.length ?? 0}`,
      });
    }
    const { wallet, curve } = key;
    setRefusal(act.sign({ wallet, curve, message, ...(signers && { signers }) }));
  };
  const read = async (chosen: File | undefined) => {
    if (!chosen) return setFile(null);
    // One byte more than may be: enough to say that it is too long without reading it all.
    setFile(new Uint8Array(await chosen.slice(0, maxMessage + 1).arrayBuffer()));
  };
  const members = rosterOrder(key.members, state.peers);
  const label = armed?.peer && signers?.includes(armed.peer)
    ? `Sign with ${nameOf(armed.peer)} and watch`
    : armed?.peer === null
    ? "Sign and watch"
    : "Sign a message";
  if (narrow && !main && !unfolded) {
    return (
      <button type="button" class="plain" onClick={() => setUnfolded(true)}>
        Sign with “{clean(key.wallet, 64)}”…
      </button>
    );
  }
  const options = (
    <>
      <label class="field">
        <span>Given as</span>
        <select value={format} onChange={(event) => setFormat(event.currentTarget.value as Format)}>
          <option value="text">text</option>
          <option value="hex">hex</option>
          <option value="file">a file</option>
        </select>
      </label>
      <fieldset class="field">
        <legend>Signers</legend>
        <label class="tick">
          <input
            type="radio"
            name={`${id}-who`}
            checked={picked === null}
            onChange={() => setPicked(null)}
          />
          any {key.threshold}
        </label>
        <label class="tick">
          <input
            type="radio"
            name={`${id}-who`}
            checked={picked !== null}
            onChange={() => setPicked(signers ?? members.slice(0, key.threshold))}
          />
          choose
        </label>
        {picked && members.map((peer) => (
          <label key={peer} class="tick">
            <input
              type="checkbox"
              checked={picked.includes(peer)}
              onChange={(event) =>
                setPicked(
                  members.filter((one) => one === peer ? event.currentTarget.checked : picked.includes(one)),
                )}
            />
            {nameOf(peer)}
          </label>
        ))}
      </fieldset>
    </>
  );
  return (
    <form class="action" aria-labelledby={`${id}-title`} onSubmit={submit} noValidate>
      <div class="keyline">
        <h2 id={`${id}-title`} tabIndex={-1}>{clean(key.wallet, 64)}</h2>
        <span class="data">{curveNames[key.curve]}</span>
        <span class="data">
          <Pips of={key.members.length} filled={key.threshold} /> {key.threshold} of {key.members.length}
        </span>
        <span class="address">
          <code title={hex}>{short(hex, 6, 6)}</code>
          <Copy text={hex} what="the public key" act={act} />
        </span>
      </div>
      <div class="fields">
        <div class="field wide">
          <label for={`${id}-message`}>Message</label>
          {format === "file"
            ? (
              <input
                id={`${id}-message`}
                type="file"
                onChange={(event) => void read(event.currentTarget.files?.[0])}
              />
            )
            : (
              <input
                id={`${id}-message`}
                type="text"
                value={typed}
                spellcheck={false}
                autocomplete="off"
                {...(refusal?.field === "message" ? { "aria-invalid": true } : {})}
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            )}
        </div>
        {narrow
          ? (
            <details class="plain">
              <summary>
                As {format === "file" ? "a file" : format}, signed by{" "}
                {picked ? "chosen peers" : `any ${key.threshold}`}
              </summary>
              <div class="fields">{options}</div>
            </details>
          )
          : options}
        <div class="buttons">
          <button type="submit" class={main ? "primary" : "plain"} aria-disabled={key.state !== "active"}>
            {label}
          </button>
          {key.state === "pending" && <span class="hint">This key is not finished yet.</span>}
          {key.state === "frozen" && <span class="hint">This key is frozen.</span>}
        </div>
      </div>
      {refusal && <p class="problem" role="alert">{clean(refusal.message, 200)}</p>}
    </form>
  );
}
