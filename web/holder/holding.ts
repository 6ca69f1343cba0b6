/**
 * A running holder: its lock, its backups, its storage, who asks it, and how it leaves.
 * @module
 */
import type { BackupState, QuorateNode, RolledBack } from "../../mod.ts";
import type { Kept, KeyRestored, Opener, Persistence } from "../../src/browser.ts";
import { itemsOf } from "../../src/platform/stream.ts";
import type { Answer, Answered, Approvals, Ask, Rule } from "./approvals.ts";
import type { Entered } from "./door.ts";
import { type Problem, problemOf } from "./problem.ts";

/** What is known of a holder beside what its node tells. */
export interface HoldingState {
  kept: Kept;
  locked: boolean;
  /** The lock is being opened. */
  unlocking: boolean;
  /** Why it did not open. */
  problem: Problem | null;
  /** Null until it is read. */
  backup: BackupState | null;
  /** Null until the browser has said. */
  storage: Persistence | null;
  asks: readonly Ask[];
  /** What “always” has made: what is approved without asking. */
  rules: readonly Rule[];
  /** What became of the requests since this page was opened. */
  answers: readonly Answered[];
  /** Locks by itself after so long without activity, minutes. */
  lockMinutes: number;
  restored: readonly KeyRestored[] | null;
  /** Whether its store is a former state of itself, so that it takes part in nothing. */
  rolledBack: RolledBack | null;
  /** It has left, and this browser has forgotten it. */
  left: boolean;
}

export interface Holding {
  readonly state: HoldingState;
  /** @returns Stops telling. */
  watch(changed: () => void): () => void;
  lock(): void;
  unlock(opener: Opener): Promise<void>;
  answer(id: number, answer: Answer, options?: { checked?: boolean }): void;
  /** Takes back one “always”. */
  forgetRule(id: number): void;
  setLockMinutes(minutes: number): void;
  /** Makes a backup; not one before it is read back. @returns What went wrong, or the file. */
  backUp(passphrase: string): Promise<Problem | Uint8Array>;
  /** @returns What is wrong with it, or null. */
  readBack(file: Uint8Array, passphrase: string): Promise<Problem | null>;
  dismissRestored(): void;
  /** The person's word that the store may be used as it is. @returns What went wrong, or null. */
  confirmRestored(): Promise<Problem | null>;
  /** Stops the node and forgets this identity. @returns What went wrong, or null. */
  leave(): Promise<Problem | null>;
}

export type HoldingNode = Pick<
  QuorateNode,
  | "self"
  | "lock"
  | "unlock"
  | "locked"
  | "backup"
  | "confirmBackup"
  | "backupState"
  | "events"
  | "stop"
  | "rolledBack"
  | "confirmRestored"
>;

export interface HoldingOptions {
  approvals: Approvals;
  /** Asks the browser to keep what is stored. */
  persist(): Promise<Persistence>;
  /** Reads whether it does. */
  storage(): Promise<Persistence>;
  /** Locks after so many minutes, until disposed of. */
  lockAfter(minutes: number): Disposable;
  /** What was chosen the last time, and what is chosen now. */
  lockMinutes: { get(): number; set(minutes: number): void };
}

export function holding(
  { node, place, kept, tab, joined, restored }: Entered<HoldingNode>,
  { approvals, persist, storage, lockAfter, lockMinutes }: HoldingOptions,
): Holding {
  const readers = new Set<() => void>();
  let state: HoldingState = {
    kept,
    locked: node.locked,
    unlocking: false,
    problem: null,
    backup: null,
    storage: null,
    asks: approvals.waiting,
    rules: approvals.rules,
    answers: approvals.answers,
    lockMinutes: lockMinutes.get(),
    restored,
    rolledBack: node.rolledBack,
    left: false,
  };
  const change = (part: Partial<HoldingState>) => {
    state = { ...state, ...part };
    for (const reader of readers) reader();
  };
  let idle = lockAfter(state.lockMinutes);

  const lookAtBackup = async () => {
    try {
      change({ backup: await node.backupState() });
    } catch (error) {
      change({ problem: problemOf(error) });
    }
  };
  async function follow(): Promise<void> {
    for await (const event of itemsOf(node.events())) {
      // Each peer tells of its own lock.
      if (event.type === "locked" && event.peer === node.self) change({ locked: event.locked });
      if (event.type === "rollback") change({ rolledBack: node.rolledBack });
      if (event.type === "key" || event.type === "ban" || event.type === "done") void lookAtBackup();
    }
    idle[Symbol.dispose]();
  }
  approvals.watch(() =>
    change({ asks: approvals.waiting, rules: approvals.rules, answers: approvals.answers })
  );
  void follow();
  void lookAtBackup();
  // Asked once, when there is a reason to: a browser that asks its person asks no second time.
  void (joined || restored ? persist() : storage()).then((storage) => change({ storage }), reportError);

  return {
    get state() {
      return state;
    },
    watch(changed) {
      readers.add(changed);
      return () => readers.delete(changed);
    },
    lock: () => void node.lock(),
    async unlock(opener) {
      change({ unlocking: true, problem: null });
      try {
        const secrets = (await place.identity.unlock(opener)).secrets();
        try {
          node.unlock(secrets);
        } finally {
          secrets.peerSeed.fill(0);
        }
        change({ unlocking: false });
      } catch (error) {
        change({ unlocking: false, problem: problemOf(error) });
      }
    },
    answer(id, answer, options) {
      approvals.answer(id, answer, options);
    },
    forgetRule: (id) => approvals.forget(id),
    setLockMinutes(minutes) {
      lockMinutes.set(minutes);
      idle[Symbol.dispose]();
      idle = lockAfter(minutes);
      change({ lockMinutes: minutes });
    },
    async backUp(passphrase) {
      try {
        return await node.backup(passphrase);
      } catch (error) {
        return problemOf(error);
      }
    },
    async readBack(file, passphrase) {
      try {
        await node.confirmBackup(file, passphrase);
        await lookAtBackup();
        return null;
      } catch (error) {
        return problemOf(error);
      }
    },
    dismissRestored: () => change({ restored: null }),
    async confirmRestored() {
      try {
        await node.confirmRestored();
        return null;
      } catch (error) {
        return problemOf(error);
      } finally {
        change({ rolledBack: node.rolledBack });
      }
    },
    async leave() {
      try {
        await node.stop();
        await place.erase();
        tab[Symbol.dispose]();
        change({ left: true });
        return null;
      } catch (error) {
        return problemOf(error);
      }
    },
  };
}
