/**
 * The epochs of a key: who holds it now, and what became of the shares before.
 * @module
 */
import type { PeerId } from "../../../src/failure.ts";
import type { State } from "../../state/model.ts";
import { standing } from "../../state/presence.ts";
import { isForked, isNextEpoch } from "../../state/resharing/choice.ts";
import type { GroupKey, PastEpoch } from "../../node/node_port.ts";
import { list, namer, rosterOrder } from "../../text/names.ts";

export function Epochs({ groupKey: key, state }: { groupKey: GroupKey; state: State }) {
  const last = key.past.at(-1);
  const members = list(rosterOrder(key.members, state.peers).map(namer(state.peers)));
  if (isNextEpoch(key)) {
    return (
      <div class="epochs">
        <p>
          Epoch {key.epoch} is for {members}. Until all of them have confirmed it, the key signs with epoch
          {" "}
          {key.epoch - 1}.
        </p>
      </div>
    );
  }
  return (
    <div class="epochs">
      <p>Epoch {key.epoch}: held by {members}; any {key.threshold} sign.</p>
      {isForked(key, state) && <Fork groupKey={key} />}
      {last && (
        <details class="plain">
          <summary>{epochSentence(last, state)}</summary>
          <ul>
            {key.past.toReversed().map((past) => (
              <li key={past.session}>
                {past !== last && epochSentence(past, state)} {holdersSentence(past, state)}
                {banSentences(past, state).map((text) => ` ${text}`)}
              </li>
            ))}
          </ul>
          <p class="hint">
            Erasing reaches the live store only: enough old backups of one epoch are still the whole key.
          </p>
        </details>
      )}
    </div>
  );
}

/** The progress of the erasing: “Epoch 1: erased by 2 of 3; Carol is away.” */
export function epochSentence({ epoch, members, erased }: PastEpoch, state: State): string {
  const left = members.filter((peer) => !erased.includes(peer));
  if (left.length === 0) return `Epoch ${epoch}: erased by all ${members.length}.`;
  const nameOf = namer(state.peers);
  const [away, here] = [true, false].map((wanted) =>
    left.filter((peer) => (peer !== state.self && standing(peer, state) === "away") === wanted).map(nameOf)
  );
  const verb = (names: readonly string[], one: string, more: string) => names.length === 1 ? one : more;
  const why = [
    ...(away!.length > 0
      ? [`${list(away!)} ${verb(away!, "is", "are")} away, or ${verb(away!, "has", "have")} not said so`]
      : []),
    ...(here!.length > 0 ? [`${list(here!)} ${verb(here!, "has", "have")} not said so yet`] : []),
  ];
  return `Epoch ${epoch}: erased by ${erased.length} of ${members.length}; ${why.join("; ")}.`;
}

function holdersSentence({ threshold, members }: PastEpoch, { peers }: State): string {
  return `It was held by ${list(rosterOrder(members, peers).map(namer(peers)))}; any ${threshold} signed.`;
}

/** The bans of a past epoch, which ended with it: this node's own, and those that others reported. */
function banSentences({ session, banned }: PastEpoch, { self, bans, peers }: State): readonly string[] {
  const nameOf = namer(peers);
  const own = banned.map((other) => [self, other] as const);
  const reported = bans.filter(({ keyId }) => keyId === session).map(({ by, other }) => [by, other] as const);
  const pairs = new Map([...own, ...reported].map(([by, other]) => [`${by} ${other}`, [by, other] as const]));
  return [...pairs.values()].map(([by, other]: readonly [PeerId | null, PeerId]) =>
    `In it, ${by === null ? "this node" : nameOf(by)} refused to sign with ${nameOf(other)}.`
  );
}

/** The reasons are those of `docs/model/handover.md`: honest holders alone may be among them. */
function Fork({ groupKey: key }: { groupKey: GroupKey }) {
  return (
    <p role="note">
      <strong>Epoch {key.epoch - 1} was reshared twice.</strong>{" "}
      Both of its successors sign for the same addresses, and their holders go on without each other. It takes
      a holder that hid its vote, a disk that went back, a resharing that was given up too early, or two that
      each left half of the holders out. Move what the key holds to a new wallet, with the holders that you
      trust.
    </p>
  );
}
