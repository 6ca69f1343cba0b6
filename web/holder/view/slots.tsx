/**
 * The parts that a holder's page adds to the console: its lock, its shares, its rules, and the requests for approval.
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Reservation } from "../../../src/events.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { hasSameName, list, type NameOf, namer } from "../../text/names.ts";
import { schemeTexts } from "../../text/schemes.ts";
import type { HolderSlots } from "../../view/page.tsx";
import type { Holding, HoldingState } from "../holding.ts";
import { answerTo } from "../answers.ts";
import type { Measure } from "../strength.ts";
import { ApproveDialog } from "./approve.tsx";
import type { Save } from "./backup.tsx";
import { RolledBackBanner } from "./rolled_back.tsx";
import { Rules } from "./rules.tsx";
import { Settings, showBackup } from "./settings.tsx";
import { Unlock } from "./unlock.tsx";

/** The parts of the page that a holder fills. */
export function holderSlots(
  holding: Holding,
  { save, measure, reservations }: {
    save: Save;
    measure: Measure;
    reservations: () => readonly Reservation[];
  },
): HolderSlots {
  const useHolding = (): HoldingState => {
    const [state, setState] = useState(holding.state);
    useEffect(() => {
      const look = () => setState(holding.state);
      look();
      return holding.watch(look);
    }, []);
    return state;
  };
  return {
    useAnswers() {
      const { answers } = useHolding();
      return ({ id, initiator }) => {
        const answered = answers.findLast(({ request }) =>
          request.id === id && request.initiator === initiator
        );
        return answered ? answerTo(answered) : null;
      };
    },
    useLocked: () => useHolding().locked,
    Top: ({ state }) => <Top state={state} mine={useHolding()} holding={holding} />,
    Side: ({ state }) => {
      useHolding();
      return (
        <div class="panel">
          <p class="hint">{reachSentence(reservations(), namer(state.peers))}</p>
          <Settings holding={holding} save={save} measure={measure} />
        </div>
      );
    },
  };
}

export function Top({ state, mine, holding }: { state: State; mine: HoldingState; holding: Holding }) {
  const asks = mine.locked ? [] : mine.asks;
  useKeptFocus(mine.locked);
  return (
    <>
      {mine.left
        ? <p class="banner" role="alert">This browser has forgotten its identity. Close this page.</p>
        : mine.locked
        ? (
          <section class="panel lead" aria-labelledby="locked-title">
            <h2 id="locked-title" class="statement" tabIndex={-1}>This tab is locked</h2>
            <p>It stays connected and watches. It signs nothing until it is unlocked.</p>
            <Unlock
              kept={mine.kept}
              busy={mine.unlocking}
              problem={mine.problem}
              onUnlock={(opener) => void holding.unlock(opener)}
            />
          </section>
        )
        : (
          <div id="holder" class="holder" tabIndex={-1}>
            <p>{holdsSentence(state, mine)}</p>
            <button type="button" class="quiet" onClick={holding.lock}>Lock</button>
          </div>
        )}
      {!mine.left && (
        <RolledBackBanner
          rolledBack={mine.rolledBack}
          locked={mine.locked}
          onConfirm={holding.confirmRestored}
        />
      )}
      {!mine.left && <Nag state={state} mine={mine} />}
      {!mine.left && <Rules rules={mine.rules} nameOf={namer(state.peers)} onForget={holding.forgetRule} />}
      <RestoredKeys mine={mine} onClose={holding.dismissRestored} />
      <ApproveDialog
        asks={asks}
        peers={state.peers}
        self={state.self}
        keys={state.keys}
        onAnswer={holding.answer}
      />
    </>
  );
}

/** Moves the focus to the new part of the page if locking or unlocking has removed the focused one. */
function useKeptFocus(locked: boolean): void {
  const before = useRef(locked);
  useEffect(() => {
    if (before.current === locked) return;
    before.current = locked;
    if (document.activeElement && document.activeElement !== document.body) return;
    document.getElementById(locked ? "locked-title" : "holder")?.focus({ preventScroll: true });
  }, [locked]);
}

/** The relays over which other tabs reach this one, since nobody can dial a tab. */
export function reachSentence(reservations: readonly Reservation[], nameOf: NameOf): string {
  const of = (wanted: Reservation["state"]) =>
    reservations.filter(({ state }) => state === wanted).map(({ relay }) => nameOf(relay));
  const [reserved, retrying] = [of("reserved"), of("retrying")];
  if (reserved.length > 0) return `Other tabs reach this one through ${list(reserved)}.`;
  if (retrying.length > 0) {
    return `Other tabs cannot reach this one yet: asking ${list(retrying)} to relay them.`;
  }
  return "Other tabs cannot reach this one: no peer relays them.";
}

/** The shares that are stored in this tab, and the keys whose share should be here but is not. */
export function holdsSentence(
  { keys, self }: Pick<State, "keys" | "self">,
  { backup, rules }: Pick<HoldingState, "backup" | "rules">,
): string {
  if (backup === null || keys === null) return "Looking at what this tab holds…";
  // Until it is erased, the share of a past epoch is held beside the new one.
  const own = [...backup.covered, ...backup.uncovered].filter((one, i, all) =>
    all.findIndex((other) => hasSameName(one, other)) === i
  );
  const lost = keys.filter((key) =>
    self !== null && key.members.includes(self) && !own.some((one) => hasSameName(key, one))
  );
  const without = lost.length === 0
    ? ""
    : ` It lacks its share of ${
      list(lost.map(({ wallet }) => `“${clean(wallet, 64)}”`))
    }: a backup made after that key brings it back, or a resharing in which this tab gets a new share.`;
  if (own.length === 0) {
    return "This tab holds no share yet. It can be given one of every key: a manager reshares the key with this tab among " +
      `its holders.${without}`;
  }
  const what = own.length === 1 ? "a share of one key" : `shares of ${own.length} keys`;
  const them = own.length === 1 ? "it" : "them";
  const except = rules.some(({ about }) => about.kind === "sign") ? ", except by your rules below" : "";
  return `This tab holds ${what}. It signs nothing for others with ${them} until you approve${except}.${without}`;
}

/** The sentence about what is in no backup; null if there is nothing to say. */
export function nagSentence(
  { keys }: Pick<State, "keys">,
  { backup, kept }: Pick<HoldingState, "backup" | "kept">,
): string | null {
  if (backup === null || (backup.at !== null && backup.uncovered.length === 0)) return null;
  const { uncovered } = backup;
  const [only] = uncovered;
  if (only === undefined) return `No backup of “${clean(kept.name, 64)}” has been read back yet.`;
  if (uncovered.length > 1) {
    return `${uncovered.length} shares are in no backup. If this browser loses them, they are lost for good.`;
  }
  const { epoch } = keys?.find((key) => hasSameName(key, only)) ?? { epoch: 1 };
  const [which, before] = epoch > 1
    ? ["new share", `, and backups from before epoch ${epoch} are of no use for it`]
    : ["share", ""];
  return `The ${which} of “${
    clean(only.wallet, 64)
  }” is in no backup${before}. If this browser loses it, it is lost ` +
    "for good.";
}

function Nag({ state, mine }: { state: State; mine: HoldingState }) {
  const text = nagSentence(state, mine);
  if (text === null) return null;
  return (
    <div class="nag">
      <p>
        <strong>{text}</strong>
      </p>
      <button type="button" class="quiet" onClick={showBackup}>Make a backup…</button>
    </div>
  );
}

const outcomes: Readonly<Record<string, string>> = {
  restored: "restored",
  pending: "restored; not all of its members had confirmed it when the backup was made",
  "older-than-store": "this browser has a newer state of it, and keeps that",
  "name-taken": "this browser has another key of that name, and keeps that one",
  corrupt: "not restored: its share in the backup is damaged",
};

function RestoredKeys({ mine: { restored }, onClose }: { mine: HoldingState; onClose: () => void }) {
  if (restored === null) return null;
  return (
    <section class="panel lead" aria-labelledby="restored-title">
      <h2 id="restored-title" class="statement">Restored from the backup</h2>
      {restored.length === 0 ? <p>The backup contained no key.</p> : (
        <ul>
          {restored.map(({ wallet, scheme, state }) => (
            <li key={`${scheme} ${wallet}`} data-restored={state}>
              <span class="name">{clean(wallet, 64)}</span> for {schemeTexts[scheme].title}: {outcomes[state]}
            </li>
          ))}
        </ul>
      )}
      <div class="buttons">
        <button type="button" class="plain" onClick={onClose}>Good</button>
      </div>
    </section>
  );
}
