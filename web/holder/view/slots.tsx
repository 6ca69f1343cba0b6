/**
 * What a holder's page shows beside any console's: whether it is locked, what it holds, who asks it.
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Reservation } from "../../../src/events.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { curveTitles, keyId, list, type NameOf, namer } from "../../text/names.ts";
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

/** The places in the page that a holder fills. */
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
      {!mine.left && <Nag mine={mine} />}
      {!mine.left && <Rules rules={mine.rules} nameOf={namer(state.peers)} onForget={holding.forgetRule} />}
      <RestoredKeys mine={mine} onClose={holding.dismissRestored} />
      <ApproveDialog asks={asks} peers={state.peers} keys={state.keys} onAnswer={holding.answer} />
    </>
  );
}

/** Locking and unlocking take away what had the focus: it goes to what came instead. */
function useKeptFocus(locked: boolean): void {
  const before = useRef(locked);
  useEffect(() => {
    if (before.current === locked) return;
    before.current = locked;
    if (document.activeElement && document.activeElement !== document.body) return;
    document.getElementById(locked ? "locked-title" : "holder")?.focus({ preventScroll: true });
  }, [locked]);
}

/** How others reach a tab, which nobody can dial. */
export function reachSentence(reservations: readonly Reservation[], nameOf: NameOf): string {
  const of = (wanted: Reservation["state"]) =>
    reservations.filter(({ state }) => state === wanted).map(({ relay }) => nameOf(relay));
  const [reserved, retrying] = [of("reserved"), of("retrying")];
  if (reserved.length > 0) return `Other tabs reach this one over ${list(reserved)}.`;
  if (retrying.length > 0) {
    return `Other tabs cannot reach this one yet: asking ${list(retrying)} to pass them on.`;
  }
  return "No peer passes others on to this tab: other tabs cannot reach it.";
}

/**
 * What this tab holds, honestly: its shares are those that are stored here, of whichever keys it is said to be a holder.
 */
export function holdsSentence(
  { keys, self }: Pick<State, "keys" | "self">,
  { backup, rules }: Pick<HoldingState, "backup" | "rules">,
): string {
  if (backup === null || keys === null) return "Looking at what this tab holds…";
  const own = [...backup.covered, ...backup.uncovered];
  const mine = new Set(own.map(keyId));
  const lost = keys.filter((key) => self !== null && key.members.includes(self) && !mine.has(keyId(key)));
  const without = lost.length === 0
    ? ""
    : ` It has not its share of ${
      list(lost.map(({ wallet }) => `“${clean(wallet, 64)}”`))
    }: that can only come from a backup made since.`;
  if (own.length === 0) {
    return `This tab holds no share yet. It can hold a share of keys made from now on.${without}`;
  }
  const what = own.length === 1 ? "a share of one key" : `shares of ${own.length} keys`;
  const them = own.length === 1 ? "it" : "them";
  const but = rules.some(({ about }) => about.kind === "sign") ? ", but for what your rules below allow" : "";
  return `This tab holds ${what}. Nothing that others ask is signed with ${them} before you approve${but}.${without}`;
}

function Nag({ mine: { backup, kept } }: { mine: HoldingState }) {
  if (backup === null || (backup.at !== null && backup.uncovered.length === 0)) return null;
  const { uncovered } = backup;
  const text = uncovered.length === 0
    ? `No backup of “${clean(kept.name, 64)}” was read back yet.`
    : uncovered.length === 1
    ? `The share of “${
      clean(uncovered[0]!.wallet, 64)
    }” is in no backup. If this browser loses it, it is gone.`
    : `${uncovered.length} shares are in no backup. If this browser loses them, they are gone.`;
  return (
    <div class="nag">
      <p>
        <strong>{text}</strong>
      </p>
      <button type="button" class="quiet" onClick={showBackup}>Make a backup…</button>
    </div>
  );
}

const became: Readonly<Record<string, string>> = {
  restored: "restored",
  pending: "restored; not all its members had confirmed it when the backup was made",
  "older-than-store": "this browser had it in a newer state, and keeps that",
  "name-taken": "this browser has another key of that name, and keeps that",
  corrupt: "not restored: its share in the backup is damaged",
};

function RestoredKeys({ mine: { restored }, onClose }: { mine: HoldingState; onClose: () => void }) {
  if (restored === null) return null;
  return (
    <section class="panel lead" aria-labelledby="restored-title">
      <h2 id="restored-title" class="statement">Restored from the backup</h2>
      {restored.length === 0 ? <p>It had no key in it.</p> : (
        <ul>
          {restored.map(({ wallet, curve, state }) => (
            <li key={`${curve} ${wallet}`} data-restored={state}>
              <span class="name">{clean(wallet, 64)}</span> on {curveTitles[curve]}: {became[state]}
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
