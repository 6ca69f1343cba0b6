/**
 * A running holder's state for its page: the lock, the backups, the storage, the open requests, and how it leaves.
 * @module
 */
import type { BackupState, QuorateNode, RolledBack } from "../../mod.ts";
import type { Kept, KeyRestored, Opener, Persistence } from "../../src/browser.ts";
import { itemsOf } from "../../src/platform/stream.ts";
import type { Answer, Answered, Approvals, Ask, Rule } from "./approvals.ts";
import type { RunningHolder } from "./entry.ts";
import { type Problem, problemOf } from "./problem.ts";
import { unlockIdentity } from "./unlock.ts";

/** The state of a holder that its node's events do not contain. */
export interface HoldingState {
  kept: Kept;
  locked: boolean;
  /** Whether it is being unlocked. */
  unlocking: boolean;
  /** The reason why the last act failed. */
  problem: Problem | null;
  /** Null until it is read. */
  backup: BackupState | null;
  /** Null until the browser has answered. */
  storage: Persistence | null;
  asks: readonly Ask[];
  /** The rules that “always” has made: requests that they cover are approved without asking. */
  rules: readonly Rule[];
  /** The outcomes of the requests since this page was opened. */
  answers: readonly Answered[];
  /** Minutes without activity after which it locks by itself. */
  lockMinutes: number;
  restored: readonly KeyRestored[] | null;
  /** Whether its store has gone back to an earlier state, so that it takes part in nothing. */
  rolledBack: RolledBack | null;
  /** Whether it has left, so that this browser has erased it. */
  left: boolean;
}

export interface Holding {
  readonly state: HoldingState;
  /** @returns Ends the subscription. */
  watch(changed: () => void): () => void;
  lock(): void;
  unlock(opener: Opener): Promise<void>;
  answer(id: number, answer: Answer, options?: { checked?: boolean }): void;
  /** Revokes one “always”. */
  forgetRule(id: number): void;
  setLockMinutes(minutes: number): void;
  /** Makes a backup, which counts once it is read back. @returns What went wrong, or the file. */
  backUp(passphrase: string): Promise<Problem | Uint8Array>;
  /** @returns What is wrong with it, or null. */
  readBack(file: Uint8Array, passphrase: string): Promise<Problem | null>;
  dismissRestored(): void;
  /** Confirms for the person that the store may be used as it is. @returns What went wrong, or null. */
  confirmRestored(): Promise<Problem | null>;
  /** Stops the node and erases this identity. @returns What went wrong, or null. */
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
  /** Reads whether the browser keeps it. */
  storage(): Promise<Persistence>;
  /** Locks after this many minutes without activity, until disposed of. */
  lockAfter(minutes: number): Disposable;
  /** The kept choice. */
  lockMinutes: { get(): number; set(minutes: number): void };
}

export function holding(
  { node, profile, kept, tab, joined, restored }: RunningHolder<HoldingNode>,
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
      // Every peer reports its own lock.
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
  // Only once, with a reason: a browser that asks its person will not ask again.
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
      const problem = await unlockIdentity(profile.identity, opener, (identity) => {
        const secrets = identity.secrets();
        try {
          node.unlock(secrets);
        } finally {
          secrets.peerSeed.fill(0);
        }
      });
      change({ unlocking: false, problem });
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
        await profile.erase();
        tab[Symbol.dispose]();
        change({ left: true });
        return null;
      } catch (error) {
        return problemOf(error);
      }
    },
  };
}
