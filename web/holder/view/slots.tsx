/**
 * What a holder's page shows beside any console's: whether it is locked, what it holds, who asks it.
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { clean } from "../../clean.ts";
import type { State } from "../../model.ts";
import { curveNames } from "../../names.ts";
import type { HolderSlots } from "../../view/page.tsx";
import type { Holding, HoldingState } from "../holding.ts";
import { ApproveDialog } from "./approve.tsx";
import type { Save } from "./backup.tsx";
import { Settings, showBackup } from "./settings.tsx";
import { Unlock } from "./unlock.tsx";

/** The places in the page that a holder fills. */
export function holderSlots(holding: Holding, save: Save): HolderSlots {
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
    useLocked: () => useHolding().locked,
    Top: ({ state }) => <Top state={state} mine={useHolding()} holding={holding} />,
    Side: () => {
      useHolding();
      return <Settings holding={holding} save={save} />;
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
            <p>{holdsSentence(state)}</p>
            <button type="button" class="quiet" onClick={holding.lock}>Lock</button>
          </div>
        )}
      {!mine.left && <Nag mine={mine} />}
      <RestoredKeys mine={mine} onClose={holding.dismissRestored} />
      <ApproveDialog asks={asks} peers={state.peers} onAnswer={holding.answer} />
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

/** What this tab holds, honestly. */
export function holdsSentence({ keys, self }: Pick<State, "keys" | "self">): string {
  const own = keys?.filter(({ members }) => self !== null && members.includes(self)) ?? [];
  if (own.length === 0) {
    return "This tab holds no share yet. It can hold a share of keys made from now on.";
  }
  const wallets = new Set(own.map(({ wallet }) => wallet)).size;
  return `This tab holds ${own.length === 1 ? "a share of one key" : `shares of ${own.length} keys`}${
    wallets < own.length ? `, in ${wallets === 1 ? "one wallet" : `${wallets} wallets`}` : ""
  }. Nothing that others ask is signed with ${own.length === 1 ? "it" : "them"} before you approve.`;
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
              <span class="name">{clean(wallet, 64)}</span> on {curveNames[curve]}: {became[state]}
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
