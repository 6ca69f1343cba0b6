/**
 * The form for a signature with the selected key.
 * @module
 */
import { useId, useState } from "preact/hooks";
import { forbiddenPairIn } from "../../src/cluster/commands/party_search.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Act, Refusal } from "../node/actions.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import type { BatchRequest, GroupKey } from "../node/node_port.ts";
import { type Restraint, restraintOf, signersFor } from "../state/forbidden_pairs.ts";
import type { State } from "../state/model.ts";
import { standing } from "../state/presence.ts";
import { canSign, type Primary } from "../state/primary.ts";
import { mayAsk } from "../state/rights.ts";
import { pendingScenario } from "../state/scenario.ts";
import { clean } from "../text/clean.ts";
import { type HashChoice, hashesFor, schemeTexts } from "../text/schemes.ts";
import { hasSameName, keyId, list, type NameOf, namer } from "../text/names.ts";
import { type Format, hashNames, inputsOf, pathOf, rootOf } from "../text/sign_input.ts";
import { remarksOf } from "../text/remarks.ts";
import { RemarkFields } from "./remark_fields.tsx";
import { wayOut } from "../state/resharing/advice.ts";
import { isNextEpoch, type ReshareChoice } from "../state/resharing/choice.ts";
import { outlookSentence } from "./session/refusing.tsx";
import { MessageFields } from "./message_fields.tsx";
import { ChildField, FormatFields, formatsOf, KeyLine, OutputField, SignersField } from "./sign_fields.tsx";

export interface SignProps {
  state: State;
  act: Act;
  groupKey: GroupKey;
  /** The page's primary act: signing, or resharing a key that cannot sign. */
  main: Primary;
  narrow: boolean;
  /** Opens the form of a resharing; null if this tab may not reshare keys. */
  onReshare: ((from: ReshareChoice) => void) | null;
}

/** The hint that too few holders are present. */
export function tooFewSentence(
  { threshold, members }: Pick<GroupKey, "threshold" | "members">,
  present: readonly PeerId[],
  state: State,
): string {
  if (!state.online) return "This browser is offline.";
  if (present.length === 0) return "No holder of this key is here.";
  const who = list(present.map(namer(state.peers)));
  return `${threshold} of its ${members.length} holders are needed; only ${who} ${
    present.length === 1 ? "is" : "are"
  } here.`;
}

/** The fields of the form, and the party that would sign. */
function useSignForm({ state, groupKey: key }: Pick<SignProps, "state" | "groupKey">) {
  const [texts, setTexts] = useState<readonly string[]>(["hello threshold"]);
  const [chosenFormat, setFormat] = useState<Format>("text");
  const [chosenHash, setHash] = useState<HashChoice | null>(null);
  const [root, setRoot] = useState<string | null>(null);
  const [child, setChild] = useState("");
  const [note, setNote] = useState("");
  const [reference, setReference] = useState("");
  const [files, setFiles] = useState<readonly Uint8Array[]>([]);
  const [chosen, setChosen] = useState<{ key: string; peers: readonly PeerId[] } | null>(null);
  const { digests } = schemeTexts[key.scheme];
  const format = chosenFormat === "digest" && !digests ? "hex" : chosenFormat;
  const hashes = hashesFor(key.scheme, format === "digest" ? "digest" : "message");
  const hash = chosenHash !== null && hashes.includes(chosenHash) ? chosenHash : hashes[0] ?? "none";
  // Another key may have other holders: the peers picked for one key do not count for the next.
  const picked = chosen?.key === keyId(key) ? chosen.peers : null;
  const armed = pendingScenario(state.scenarios);
  const restraint = restraintOf(key, state);
  const signers = signersFor(key, {
    picked,
    armed: armed?.expect.kind === "sign" ? armed.peer : null,
    ready: state.readiness.get(keyId(key))?.ready ?? [],
    restraint,
  });
  const set = {
    onTexts: setTexts,
    onFormat: setFormat,
    onHash: setHash,
    onRoot: setRoot,
    onChild: setChild,
    onNote: setNote,
    onReference: setReference,
    onFiles: setFiles,
    onPick: (peers: readonly PeerId[] | null) => setChosen(peers && { key: keyId(key), peers }),
  };
  const typed = { texts, format, hash, root, child, files, note, reference };
  const most = schemes[key.scheme].mostItems(key.threshold);
  const count = format === "file" ? files.length : texts.length;
  return { ...typed, most, count, picked, signers, restraint, armed, set };
}

type SignForm = ReturnType<typeof useSignForm>;

/** @returns The request that the form makes, or the reason why it makes none. */
function requestOf(
  key: GroupKey,
  form: SignForm,
  state: State,
): BatchRequest | NonNullable<Refusal> {
  const inputs = inputsOf(key.scheme, form);
  if (!Array.isArray(inputs)) {
    const { item, sentence } = inputs;
    return { field: item === null ? "items" : `items[${item}].message`, message: sentence };
  }
  if (inputs.length > form.most) {
    const message = `This key signs at most ${form.most} together; these are ${inputs.length}.`;
    return { field: "items", message };
  }
  const path = schemeTexts[key.scheme].children ? pathOf(form.child) : [];
  if (typeof path === "string") return { field: "path", message: path };
  const merkleRoot = rootOf(key.scheme, form);
  if (typeof merkleRoot === "string") return { field: "merkleRoot", message: merkleRoot };
  const wrong = form.picked && wrongParty(form.picked, key, form.restraint, namer(state.peers));
  if (wrong) return { field: "signers", message: wrong };
  const { wallet, scheme } = key;
  const named = (state.keys ?? []).filter((one) => hasSameName(one, key));
  return {
    wallet,
    scheme,
    items: inputs.map((input) => ({
      ...input,
      ...(merkleRoot && { merkleRoot }),
      ...(path.length > 0 && { path }),
    })),
    ...(named.length > 1 && { keyId: keyId(key) }),
    ...(form.signers && { signers: form.signers }),
    ...remarksOf(form),
  };
}

function wrongParty(
  party: readonly PeerId[],
  { threshold }: GroupKey,
  { forbidden }: Restraint,
  nameOf: NameOf,
): string | null {
  const pair = forbiddenPairIn(party, forbidden);
  if (pair) return `${list(pair.map(nameOf))} must not sign together with this key.`;
  return party.length === threshold
    ? null
    : `Choose ${threshold} signers; ${party.length === 1 ? "one is" : `${party.length} are`} chosen.`;
}

export function Sign({ state, act, groupKey: key, main, narrow, onReshare }: SignProps) {
  const [unfolded, setUnfolded] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>(null);
  const form = useSignForm({ state, groupKey: key });
  const titleId = useId();
  const line = <KeyLine groupKey={key} titleId={titleId} state={state} act={act} />;
  if (!mayAsk(state.rights, "sign")) {
    return (
      <section class="action" aria-labelledby={titleId}>
        {line}
        <p class="hint">This tab has no right to ask for signatures (“initiator”).</p>
      </section>
    );
  }
  if (narrow && main !== "sign" && !unfolded && main !== "reshare") {
    return (
      <button type="button" class="plain" onClick={() => setUnfolded(true)}>
        Sign with “{clean(key.wallet, 64)}”…
      </button>
    );
  }
  const present = key.members.filter((peer) => standing(peer, state) === "ready");
  const ready = key.state === "active" && canSign(key, state) && present.length >= key.threshold;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    const request = requestOf(key, form, state);
    const refused = "field" in request ? request : act.sign(request);
    setRefusal(refused);
    if (refused) return;
    // The words are about one signature: the next one needs others.
    form.set.onNote("");
    form.set.onReference("");
  };
  return (
    <form class="action" aria-labelledby={titleId} onSubmit={submit} noValidate>
      {line}
      <div class="fields">
        <MessageFields {...form} {...form.set} refusal={refusal} />
        <Options groupKey={key} state={state} form={form} narrow={narrow} />
        <div class="buttons">
          <button type="submit" class={main === "sign" ? "primary" : "plain"} aria-disabled={!ready}>
            {signLabel(form, namer(state.peers))}
          </button>
          <Hindrance groupKey={key} state={state} present={present} main={main} onReshare={onReshare} />
        </div>
      </div>
      {schemeTexts[key.scheme].children && <ChildField {...form} {...form.set} refusal={refusal} />}
      {schemeTexts[key.scheme].outputs && <OutputField {...form} {...form.set} refusal={refusal} />}
      <RemarkFields {...form} {...form.set} refusal={refusal} />
      {refusal && <p class="problem" role="alert">{clean(refusal.message, 200)}</p>}
    </form>
  );
}

function signLabel({ armed, signers, count }: SignForm, nameOf: NameOf): string {
  if (armed?.peer && signers?.includes(armed.peer)) return `Sign with ${nameOf(armed.peer)} and watch`;
  return armed?.peer === null ? "Sign and watch" : count > 1 ? `Sign ${count} messages` : "Sign a message";
}

/** The options for the format and the signers; folded away on a narrow page. */
function Options({ groupKey: key, state, form, narrow }: {
  groupKey: GroupKey;
  state: State;
  form: SignForm;
  narrow: boolean;
}) {
  const { format, hash, picked, restraint } = form;
  const restrained = restraint.forbidden.length > 0 || restraint.frozen.length > 0;
  const anybody = restrained ? `any ${key.threshold} that may sign together` : `any ${key.threshold}`;
  const fields = (
    <>
      <FormatFields groupKey={key} {...form} {...form.set} />
      <SignersField
        groupKey={key}
        state={state}
        {...form}
        {...form.set}
        suggested={form.signers}
        anybody={anybody}
      />
    </>
  );
  if (!narrow) return fields;
  const formatName = formatsOf(key).find(([value]) => value === format)![1];
  return (
    <details class="plain">
      <summary>
        As {formatName}
        {schemeTexts[key.scheme].hashes.length > 0 ? `, ${hashText(hash)}` : ""}, signed by{" "}
        {picked ? "chosen peers" : anybody}
      </summary>
      <div class="fields">{fields}</div>
    </details>
  );
}

const hashText = (hash: HashChoice) => hash === "none" ? "not hashed" : hashNames[hash];

/** The reason why the key cannot sign now, if there is one, and the way out. */
function Hindrance({ groupKey: key, state, present, main, onReshare }: {
  groupKey: GroupKey;
  state: State;
  present: readonly PeerId[];
  main: Primary;
  onReshare: SignProps["onReshare"];
}) {
  if (isNextEpoch(key)) {
    return <span class="hint">Epoch {key.epoch} is not finished yet: sign with the one before.</span>;
  }
  if (key.state === "pending") return <span class="hint">This key is not finished yet.</span>;
  if (key.state === "frozen") return <span class="hint">This key is frozen.</span>;
  if (!canSign(key, state)) {
    return (
      <>
        <span class="hint">{outlookSentence(key, state)}</span>
        {onReshare && (
          <button
            type="button"
            class={main === "reshare" ? "primary" : "plain"}
            onClick={() => onReshare(wayOut(key, state).choice)}
          >
            {wayOut(key, state).label}
          </button>
        )}
      </>
    );
  }
  return present.length < key.threshold
    ? <span class="hint">{tooFewSentence(key, present, state)}</span>
    : null;
}
