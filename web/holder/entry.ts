/**
 * The way from an opened page to a running holder: it enrols with an invitation, unlocks the identity that this browser
 * keeps, or restores one from a backup.
 * @module
 */
import {
  type FourWords,
  type Identity,
  InputError,
  type PeerId,
  type Roster,
  type Store,
} from "../../mod.ts";
import type { Keeping, Kept, KeyRestored, OpenBackup, Opener, Restored, Tab } from "../../src/browser.ts";
import { checkName } from "../../src/cluster/roster/admission/join.ts";
import { parseInvitation } from "../../src/cluster/roster/admission/invitation_link.ts";
import type { Linked } from "./fragment.ts";
import { type Problem, problemOf } from "./problem.ts";
import type { Profile, Profiles } from "./profiles.ts";
import { unlockIdentity } from "./unlock.ts";

/** The step that the page shows. `busy`: the step is being carried out. */
export type EntryState =
  | { at: "looking" }
  /** This browser keeps no identity, and there is no invitation to hold shares. */
  | { at: "welcome"; problem: Problem | null }
  /** This browser keeps identities in several clusters. */
  | { at: "choose"; kept: readonly (Kept & { cluster: PeerId })[] }
  /** There is an invitation; a name and a lock are needed. `name`: the name typed before. */
  | { at: "enrol"; name: string; busy: boolean; problem: Problem | null }
  /** The inviter is asked to admit this tab. `words`: to be read to the inviter; null until it has been reached. */
  | { at: "asking"; words: FourWords | null }
  /** `admitted`: whether the cluster has admitted this identity, as far as this browser knows. */
  | { at: "unlock"; kept: Kept; admitted: boolean; busy: boolean; problem: Problem | null }
  /** Another tab runs this peer; this tab continues once that one is closed. */
  | { at: "elsewhere"; kept: Kept | null }
  | { at: "restore"; busy: boolean; problem: Problem | null }
  | { at: "running" };

/** A holder that has just been started. */
export interface RunningHolder<N> {
  node: N;
  profile: Profile;
  kept: Kept;
  tab: Tab;
  /** Whether the cluster has just admitted it. */
  joined: boolean;
  /** The outcome for each key of a backup; null if no backup was restored. */
  restored: readonly KeyRestored[] | null;
}

export interface EntryPorts<N> {
  profiles: Profiles;
  /** Claims a name among this browser's tabs; the claim of a second tab waits for the first. */
  claim(name: string): Promise<Tab>;
  join(
    invitation: string,
    identity: Identity,
    how: { name: string; waiting: (words: FourWords) => void; signal: AbortSignal },
  ): Promise<Roster>;
  openBackup(file: Uint8Array, passphrase: string): Promise<OpenBackup>;
  restoreBackup(
    backup: OpenBackup,
    to: Keeping & { store: Store; identity: Profile["identity"] },
  ): Promise<Restored>;
  start(what: { identity: Identity; roster: Roster; store: Store; profile: Profile }): Promise<N>;
  onChange(state: EntryState): void;
  onRunning(holder: RunningHolder<N>): void;
}

/** The state machine of the entry. */
export class Entry<N> {
  readonly #ports: EntryPorts<N>;
  #state: EntryState = { at: "looking" };
  #link: Linked | null = null;
  /** The profile that this tab works with, and its claim to be the only tab that does. */
  #claimed: { profile: Profile; tab: Tab } | null = null;
  /** Aborts the request to be admitted. */
  #asking: AbortController | null = null;
  /**
   * The identity made in this tab and not known to be admitted. A second request uses it again, since the cluster may
   * have admitted it without this tab receiving the answer.
   */
  #unadmitted: Identity | null = null;

  constructor(ports: EntryPorts<N>) {
    this.#ports = ports;
  }

  get state(): EntryState {
    return this.#state;
  }

  #show(state: EntryState): void {
    this.#state = state;
    this.#ports.onChange(state);
  }

  readonly #refuse = (error: unknown): void => this.#show({ at: "welcome", problem: problemOf(error) });

  /** Begins with the link that the page was opened with and the profiles that this browser keeps. */
  async begin(link: Linked | null): Promise<void> {
    this.#link = link;
    this.#unadmitted = null;
    try {
      if (link?.wish === "hold") {
        return await this.#open(this.#ports.profiles.of(parseInvitation(link.invitation).cluster));
      }
      const all = await this.#ports.profiles.all();
      if (all.length === 0) return this.#show({ at: "welcome", problem: null });
      if (all.length === 1) return await this.#open(all[0]!);
      const kept = await Promise.all(all.map(async ({ cluster, identity }) => {
        const found = await identity.look();
        return found === null ? [] : [{ ...found, cluster }];
      }));
      this.#show({ at: "choose", kept: kept.flat() });
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Continues with the profile of this cluster. */
  choose(cluster: PeerId): Promise<void> {
    return this.#open(this.#ports.profiles.of(cluster)).catch(this.#refuse);
  }

  /** Makes an identity under this name and lock, and asks the cluster to admit it. */
  async enrol(how: Keeping): Promise<void> {
    if (this.#state.at !== "enrol" || this.#claimed === null) return;
    const claimed = this.#claimed;
    const { profile } = claimed;
    const { name } = how;
    this.#show({ at: "enrol", name, busy: true, problem: null });
    let admitted = false;
    let problem: Problem | null = null;
    try {
      checkName(name); // before a key is made
      if (this.#unadmitted === null) this.#unadmitted = await profile.identity.create(how);
      else await (await profile.identity.prepare(this.#unadmitted, how))();
      const identity = this.#unadmitted;
      const roster = await this.#join(identity, name);
      if (roster !== null) {
        admitted = true;
        this.#unadmitted = null; // a node that locks must be the only one with its secrets
        await profile.keepRoster(roster);
        return await this.#start(claimed, { identity, roster }, { joined: true, restored: null });
      }
    } catch (error) {
      problem = problemOf(error);
    }
    const kept = admitted ? await profile.identity.look() : null;
    if (kept) await this.#showUnlock(profile, kept, problem);
    else this.#show({ at: "enrol", name, busy: false, problem });
  }

  /** Withdraws the request to be admitted. */
  giveUp(): void {
    this.#asking?.abort();
  }

  async unlock(opener: Opener): Promise<void> {
    if (this.#state.at !== "unlock" || this.#claimed === null) return;
    const claimed = this.#claimed;
    const { profile } = claimed;
    const { kept } = this.#state;
    this.#show({ ...this.#state, busy: true, problem: null });
    let running = false;
    const problem = await unlockIdentity(profile.identity, opener, async (identity) => {
      const known = await profile.roster();
      const roster = known ?? await this.#join(identity, kept.name);
      if (roster === null) return;
      if (known === null) await profile.keepRoster(roster);
      await this.#start(claimed, { identity, roster }, { joined: known === null, restored: null });
      running = true;
    });
    if (!running) await this.#showUnlock(profile, kept, problem);
  }

  /** Forgets an identity that was never admitted, and begins again. */
  async startOver(): Promise<void> {
    const state = this.#state;
    if (state.at !== "unlock" || state.admitted || state.busy || this.#claimed === null) return;
    try {
      await this.#claimed.profile.erase();
      await this.begin(this.#link);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Shows the form for a backup, or goes back. */
  async wantRestore(wanted: boolean): Promise<void> {
    if (wanted) this.#show({ at: "restore", busy: false, problem: null });
    else await this.begin(this.#link);
  }

  /** @param what.opens The backup's passphrase. */
  async restore({ file, opens, ...how }: Keeping & { file: Uint8Array; opens: string }): Promise<void> {
    if (this.#state.at !== "restore" || this.#state.busy) return;
    this.#show({ at: "restore", busy: true, problem: null });
    try {
      const backup = await this.#ports.openBackup(file, opens);
      const profile = this.#ports.profiles.of(backup.roster.cluster);
      const claimed = await this.#claim(profile);
      if (!claimed.tab.active) return this.#show({ at: "elsewhere", kept: await profile.identity.look() });
      const store = await profile.store();
      let restored: Restored;
      try {
        restored = await this.#ports.restoreBackup(backup, { store, identity: profile.identity, ...how });
        await profile.keepRoster(restored.roster);
      } catch (error) {
        await store.close();
        throw error;
      }
      const { identity, keys } = restored;
      const roster = await profile.roster() ?? restored.roster;
      await this.#start(claimed, { identity, roster, store }, { joined: false, restored: keys });
    } catch (error) {
      this.#show({ at: "restore", busy: false, problem: problemOf(error) });
    }
  }

  /** Claims a profile for this tab, which continues by itself if it has to wait for another tab. */
  async #claim(profile: Profile): Promise<{ profile: Profile; tab: Tab }> {
    if (this.#claimed?.profile.cluster === profile.cluster) return this.#claimed;
    this.#claimed?.tab[Symbol.dispose]();
    const tab = await this.#ports.claim(profile.cluster);
    this.#claimed = { profile, tab };
    if (!tab.active) void tab.turn.then(() => this.#open(profile)).catch(this.#refuse);
    return this.#claimed;
  }

  /** Shows the step that a profile needs next. */
  async #open(profile: Profile): Promise<void> {
    const { tab } = await this.#claim(profile);
    const kept = await profile.identity.look();
    if (!tab.active) this.#show({ at: "elsewhere", kept });
    else if (kept !== null) await this.#showUnlock(profile, kept, null);
    else if (this.#link?.wish === "hold") this.#show({ at: "enrol", name: "", busy: false, problem: null });
    else this.#show({ at: "welcome", problem: null });
  }

  async #showUnlock(profile: Profile, kept: Kept, problem: Problem | null): Promise<void> {
    this.#show({ at: "unlock", kept, admitted: await profile.roster() !== null, busy: false, problem });
  }

  /** Asks the cluster to admit this identity. @returns Null if the person gave up. */
  async #join(identity: Identity, name: string): Promise<Roster | null> {
    if (this.#link?.wish !== "hold") {
      throw new InputError("invitation", "expected one, for this browser is in no roster yet, found none");
    }
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#show({ at: "asking", words: null });
    const waiting = (words: FourWords) => this.#show({ at: "asking", words });
    try {
      return await this.#ports.join(this.#link.invitation, identity, { name, waiting, signal });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async #start(
    { profile, tab }: { profile: Profile; tab: Tab },
    { store, ...who }: { identity: Identity; roster: Roster; store?: Store },
    more: Pick<RunningHolder<N>, "joined" | "restored">,
  ): Promise<void> {
    const opened = store ?? await profile.store();
    try {
      const node = await this.#ports.start({ ...who, store: opened, profile });
      this.#show({ at: "running" });
      this.#ports.onRunning({ node, profile, tab, kept: (await profile.identity.look())!, ...more });
    } catch (error) {
      await opened.close();
      throw error;
    }
  }
}
