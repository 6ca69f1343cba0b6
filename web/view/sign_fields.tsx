/**
 * The parts of the form for a signature: the line of its key, the message, the options, and the child's path.
 * @module
 */
import { useId } from "preact/hooks";
import type { PeerId } from "../../src/failure.ts";
import type { Act, Refusal } from "../node/actions.ts";
import type { GroupKey } from "../node/node_port.ts";
import { mayJoin, type Restraint } from "../state/forbidden_pairs.ts";
import type { State } from "../state/model.ts";
import { clean } from "../text/clean.ts";
import { distinctionOf, keyId, namer, rosterOrder, short } from "../text/names.ts";
import { type HashChoice, hashesFor, schemeTexts } from "../text/schemes.ts";
import { type Format, hashNames, type Typed } from "../text/sign_input.ts";
import { addressesOf } from "./addresses.tsx";
import { Copy, Pips } from "./parts.tsx";

/** The key to sign with: its name, its scheme, or a choice among the wallet's keys, and its address. */
export function KeyLine({ groupKey: key, titleId, state, act }: {
  groupKey: GroupKey;
  titleId: string;
  state: State;
  act: Act;
}) {
  const siblings = (state.keys ?? []).filter(({ wallet }) => wallet === key.wallet);
  const [address] = addressesOf(key);
  return (
    <div class="keyline">
      <h2 id={titleId} tabIndex={-1}>{clean(key.wallet, 64)}</h2>
      {siblings.length > 1
        ? (
          <label class="switch">
            <span class="unseen">Key</span>
            <select value={keyId(key)} onChange={(event) => act.select(event.currentTarget.value)}>
              {siblings.map((one) => (
                <option key={keyId(one)} value={keyId(one)}>{choiceText(one, siblings)}</option>
              ))}
            </select>
          </label>
        )
        : <span class="data">{schemeTexts[key.scheme].name}</span>}
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
}

/** A key's scheme, and what tells it from others of its scheme: the two sides of a fork have all else in common. */
function choiceText(key: GroupKey, siblings: readonly GroupKey[]): string {
  return [schemeTexts[key.scheme].name, distinctionOf(key, siblings)].filter(Boolean).join(", ");
}

/** The formats that a key's scheme allows, with their names. */
export function formatsOf({ scheme }: Pick<GroupKey, "scheme">): readonly (readonly [Format, string])[] {
  const messages = [["text", "text"], ["hex", "hex"], ["file", "a file"]] as const;
  return schemeTexts[scheme].digests ? [...messages, ["digest", "a digest"]] : messages;
}

/** The fields for the format of the message and its hash. */
export function FormatFields(
  { groupKey: key, format, hash, onFormat, onHash }: Pick<Typed, "format" | "hash"> & {
    groupKey: GroupKey;
    onFormat: (format: Format) => void;
    onHash: (hash: HashChoice) => void;
  },
) {
  return (
    <>
      <label class="field">
        <span>Given as</span>
        <select value={format} onChange={(event) => onFormat(event.currentTarget.value as Format)}>
          {formatsOf(key).map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </label>
      {schemeTexts[key.scheme].hashes.length > 0 && (
        <label class="field">
          <span>{format === "digest" ? "Made by" : "Hash"}</span>
          <select value={hash} onChange={(event) => onHash(event.currentTarget.value as HashChoice)}>
            {hashesFor(key.scheme, format === "digest" ? "digest" : "message").map((value) => (
              <option key={value} value={value}>{hashNames[value]}</option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** The signers: any, or picked ones. */
export function SignersField({ groupKey: key, state, restraint, picked, suggested, anybody, onPick }: {
  groupKey: GroupKey;
  state: State;
  restraint: Restraint;
  picked: readonly PeerId[] | null;
  /** The first choice once somebody picks. */
  suggested: readonly PeerId[] | null;
  /** The label for “any”. */
  anybody: string;
  onPick: (peers: readonly PeerId[] | null) => void;
}) {
  const group = useId();
  const nameOf = namer(state.peers);
  const members = rosterOrder(key.members, state.peers);
  return (
    <fieldset class="field">
      <legend>Signers</legend>
      <label class="tick">
        <input type="radio" name={group} checked={picked === null} onChange={() => onPick(null)} />
        {anybody}
      </label>
      <label class="tick">
        <input
          type="radio"
          name={group}
          checked={picked !== null}
          onChange={() => onPick(suggested ?? members.slice(0, key.threshold))}
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
              onPick(
                members.filter((one) => one === peer ? event.currentTarget.checked : picked.includes(one)),
              )}
          />
          {nameOf(peer)}
        </label>
      ))}
    </fieldset>
  );
}

/** Whether a Taproot output of the key signs in its place, and the root of that output's scripts. */
export function OutputField({ root, refusal, onRoot }: {
  /** Null if no output signs. */
  root: string | null;
  refusal: Refusal;
  onRoot: (root: string | null) => void;
}) {
  return (
    <div class="field path">
      <label class="tick">
        <input
          type="checkbox"
          checked={root !== null}
          onChange={(event) => onRoot(event.currentTarget.checked ? "" : null)}
        />
        as Taproot output (key path, BIP-86)
      </label>
      {root !== null && (
        <label class="field">
          <span>Merkle root of its scripts in hex; leave it empty if it has none</span>
          <input
            type="text"
            value={root}
            spellcheck={false}
            autocomplete="off"
            {...(refusal?.field === "merkleRoot" ? { "aria-invalid": true } : {})}
            onInput={(event) => onRoot(event.currentTarget.value)}
          />
        </label>
      )}
    </div>
  );
}

/** The path of the child key that signs. */
export function ChildField({ child, refusal, onChild }: {
  child: string;
  refusal: Refusal;
  onChild: (child: string) => void;
}) {
  return (
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
          onInput={(event) => onChild(event.currentTarget.value)}
        />
      </label>
    </details>
  );
}
