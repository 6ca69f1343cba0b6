/**
 * From an open page to a running holder: asks to be let in, unlocks what is kept, or restores what was lost.
 * @module
 */
import type { FourWords, Identity, PeerId, Roster } from "../../mod.ts";
import type { Keeping, Kept, KeyRestored, OpenBackup, Opener, Restored, Tab } from "../../src/browser.ts";
import { checkName, parseInvitation } from "../../src/cluster/roster/join.ts";
import { InputError, type Store } from "../../mod.ts";
import type { Linked } from "./fragment.ts";
import type { Place, Places } from "./places.ts";
import { type Problem, problemOf } from "./problem.ts";

/** Where somebody stands. `busy`: what was asked is being done. */
export type DoorState =
  | { at: "looking" }
  /** Nothing is kept here, and nothing was asked. */
  | { at: "welcome"; problem: Problem | null }
  /** This browser is in several clusters. */
  | { at: "choose"; kept: readonly (Kept & { cluster: PeerId })[] }
  /** With an invitation: a name and a lock are wanted. `name`: what was typed before. */
  | { at: "enrol"; name: string; busy: boolean; problem: Problem | null }
  /** `words` are to be read to whoever lets in; null until that person is asked. */
  | { at: "asking"; words: FourWords | null }
  /** `stranger`: it was never let in, as far as this browser knows. */
  | { at: "unlock"; kept: Kept; stranger: boolean; busy: boolean; problem: Problem | null }
  /** Another tab is this peer; this one goes on when that one is closed. */
  | { at: "elsewhere"; kept: Kept | null }
  | { at: "restore"; busy: boolean; problem: Problem | null }
  | { at: "in" };

/** What is handed over when somebody is in. */
export interface Entered<N> {
  node: N;
  place: Place;
  kept: Kept;
  tab: Tab;
  /** Whether this browser was let in just now. */
  joined: boolean;
  /** What became of each key of a backup, if there was one. */
  restored: readonly KeyRestored[] | null;
}

export interface DoorPorts<N> {
  places: Places;
  /** Takes the one place of a name among this browser's tabs, or waits for it. */
  claim(name: string): Promise<Tab>;
  join(
    invitation: string,
    identity: Identity,
    how: { name: string; waiting: (words: FourWords) => void; signal: AbortSignal },
  ): Promise<Roster>;
  openBackup(file: Uint8Array, passphrase: string): Promise<OpenBackup>;
  restoreBackup(
    backup: OpenBackup,
    to: Keeping & { store: Store; identity: Place["identity"] },
  ): Promise<Restored>;
  start(what: { identity: Identity; roster: Roster; store: Store; place: Place }): Promise<N>;
  changed(state: DoorState): void;
  entered(entered: Entered<N>): void;
}

export interface Door {
  readonly state: DoorState;
  /** Looks at what is kept, and at the link that the page was opened with. */
  begin(link: Linked | null): Promise<void>;
  choose(cluster: PeerId): Promise<void>;
  enrol(how: Keeping): Promise<void>;
  /** Asks no longer. */
  giveUp(): void;
  /** Forgets an identity that was never let in, and begins anew. */
  startOver(): Promise<void>;
  unlock(opener: Opener): Promise<void>;
  restore(what: Keeping & { file: Uint8Array; opens: string }): Promise<void>;
  /** Shows the form for a backup, or goes back. */
  wantRestore(wanted: boolean): Promise<void>;
}

export function door<N>(ports: DoorPorts<N>): Door {
  let state: DoorState = { at: "looking" };
  let link: Linked | null = null;
  let held: { place: Place; tab: Tab } | null = null;
  let asking: AbortController | null = null;
  /** Made here and not let in yet: whoever asks again is the same peer, which may have been let in unheard. */
  let fresh: Identity | null = null;
  const show = (next: DoorState) => ports.changed(state = next);

  /** Makes this tab the one of a cluster. @returns Whether it is. */
  async function claim(place: Place): Promise<boolean> {
    if (held?.place.cluster === place.cluster) return held.tab.active;
    held?.tab[Symbol.dispose]();
    const tab = await ports.claim(place.cluster);
    held = { place, tab };
    if (tab.active) return true;
    void tab.turn.then(() => arrive(place)).catch(refused);
    return false;
  }

  function refused(error: unknown): void {
    show({ at: "welcome", problem: problemOf(error) });
  }

  /** Where one stands with a cluster. */
  async function arrive(place: Place): Promise<void> {
    const mine = await claim(place);
    const kept = await place.identity.look();
    if (!mine) show({ at: "elsewhere", kept });
    else if (kept !== null) await showUnlock(place, kept, null);
    else if (link?.wish === "hold") show({ at: "enrol", name: "", busy: false, problem: null });
    else show({ at: "welcome", problem: null });
  }

  async function showUnlock(place: Place, kept: Kept, problem: Problem | null): Promise<void> {
    show({ at: "unlock", kept, stranger: await place.roster() === null, busy: false, problem });
  }

  async function begin(given: Linked | null): Promise<void> {
    link = given;
    fresh = null;
    try {
      if (given?.wish === "hold") {
        return await arrive(ports.places.of(parseInvitation(given.invitation).cluster));
      }
      const all = await ports.places.all();
      if (all.length === 0) return show({ at: "welcome", problem: null });
      if (all.length === 1) return await arrive(all[0]!);
      const looks = await Promise.all(all.map(async ({ cluster, identity }) => {
        const kept = await identity.look();
        return kept === null ? [] : [{ ...kept, cluster }];
      }));
      show({ at: "choose", kept: looks.flat() });
    } catch (error) {
      refused(error);
    }
  }

  /** Asks to be let in, with an identity that is kept already. */
  async function join(identity: Identity, name: string): Promise<Roster> {
    if (link?.wish !== "hold") {
      throw new InputError("invitation", "expected one, for this browser is in no roster yet, found none");
    }
    asking = new AbortController();
    const { signal } = asking;
    show({ at: "asking", words: null });
    const waiting = (words: FourWords) => show({ at: "asking", words });
    return await ports.join(link.invitation, identity, { name, waiting, signal });
  }

  async function enter(
    { place, tab }: { place: Place; tab: Tab },
    { store, ...who }: { identity: Identity; roster: Roster; store?: Store },
    more: Pick<Entered<N>, "joined" | "restored">,
  ): Promise<void> {
    const opened = store ?? await place.store();
    try {
      const node = await ports.start({ ...who, store: opened, place });
      show({ at: "in" });
      ports.entered({ node, place, tab, kept: (await place.identity.look())!, ...more });
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  return {
    get state() {
      return state;
    },
    begin,
    choose: (cluster) => arrive(ports.places.of(cluster)).catch(refused),
    async enrol(how) {
      if (state.at !== "enrol" || held === null) return;
      const { place } = held;
      const { name } = how;
      const again = (problem: Problem | null) => show({ at: "enrol", name, busy: false, problem });
      show({ at: "enrol", name, busy: true, problem: null });
      let roster: Roster | null = null;
      try {
        checkName(how.name); // before anything is made
        if (fresh === null) fresh = await place.identity.create(how);
        else await (await place.identity.prepare(fresh, how))();
        roster = await join(fresh, how.name);
        const identity = fresh;
        fresh = null; // a node that locks wants nobody else to have its secrets
        await place.keepRoster(roster);
        await enter(held, { identity, roster }, { joined: true, restored: null });
      } catch (error) {
        const problem = asking?.signal.aborted ? null : problemOf(error);
        const kept = roster === null ? null : await place.identity.look();
        if (kept) await showUnlock(place, kept, problem);
        else again(problem);
      }
    },
    giveUp: () => asking?.abort(),
    async unlock(opener) {
      if (state.at !== "unlock" || held === null) return;
      const { kept, stranger } = state;
      show({ at: "unlock", kept, stranger, busy: true, problem: null });
      try {
        const identity = await held.place.identity.unlock(opener);
        const known = await held.place.roster();
        const roster = known ?? await join(identity, kept.name);
        if (known === null) await held.place.keepRoster(roster);
        await enter(held, { identity, roster }, { joined: known === null, restored: null });
      } catch (error) {
        const problem = asking?.signal.aborted ? null : problemOf(error);
        await showUnlock(held.place, kept, problem);
      }
    },
    async startOver() {
      if (state.at !== "unlock" || !state.stranger || state.busy || held === null) return;
      try {
        await held.place.erase();
        fresh = null;
        await begin(link);
      } catch (error) {
        refused(error);
      }
    },
    async restore({ file, opens, ...how }) {
      if (state.at !== "restore" || state.busy) return;
      show({ at: "restore", busy: true, problem: null });
      try {
        const backup = await ports.openBackup(file, opens);
        const place = ports.places.of(backup.roster.cluster);
        if (!await claim(place)) {
          return show({ at: "elsewhere", kept: await place.identity.look() });
        }
        const store = await place.store();
        let back: Restored;
        try {
          back = await ports.restoreBackup(backup, { store, identity: place.identity, ...how });
          await place.keepRoster(back.roster);
        } catch (error) {
          await store.close();
          throw error;
        }
        const { identity, keys } = back;
        const roster = await place.roster() ?? back.roster;
        await enter(held!, { identity, roster, store }, { joined: false, restored: keys });
      } catch (error) {
        show({ at: "restore", busy: false, problem: problemOf(error) });
      }
    },
    async wantRestore(wanted) {
      if (wanted) return show({ at: "restore", busy: false, problem: null });
      await begin(link);
    },
  };
}
