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

export function holding(holder: RunningHolder<HoldingNode>, options: HoldingOptions): Holding {
  return new HolderState(holder, options);
}

class HolderState implements Holding {
  readonly #node: HoldingNode;
  readonly #holder: RunningHolder<HoldingNode>;
  readonly #options: HoldingOptions;
  readonly #readers = new Set<() => void>();
  #state: HoldingState;
  /** The lock that closes after a time without activity. */
  #idle: Disposable;

  constructor(holder: RunningHolder<HoldingNode>, options: HoldingOptions) {
    const { node, kept, joined, restored } = holder;
    const { approvals, persist, storage, lockAfter, lockMinutes } = options;
    this.#node = node;
    this.#holder = holder;
    this.#options = options;
    this.#state = {
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
    this.#idle = lockAfter(this.#state.lockMinutes);
    approvals.watch(() =>
      this.#change({ asks: approvals.waiting, rules: approvals.rules, answers: approvals.answers })
    );
    void this.#followEvents();
    void this.#readBackupState();
    // Only once, with a reason: a browser that asks its person will not ask again.
    void (joined || restored ? persist() : storage()).then(
      (storage) => this.#change({ storage }),
      reportError,
    );
  }

  get state(): HoldingState {
    return this.#state;
  }

  watch(changed: () => void): () => void {
    this.#readers.add(changed);
    return () => this.#readers.delete(changed);
  }

  readonly lock = (): void => void this.#node.lock();

  async unlock(opener: Opener): Promise<void> {
    this.#change({ unlocking: true, problem: null });
    const problem = await unlockIdentity(this.#holder.profile.identity, opener, (identity) => {
      const secrets = identity.secrets();
      try {
        this.#node.unlock(secrets);
      } finally {
        secrets.peerSeed.fill(0);
      }
    });
    this.#change({ unlocking: false, problem });
  }

  readonly answer: Holding["answer"] = (id, answer, options) =>
    this.#options.approvals.answer(id, answer, options);

  readonly forgetRule = (id: number): void => this.#options.approvals.forget(id);

  setLockMinutes(minutes: number): void {
    this.#options.lockMinutes.set(minutes);
    this.#idle[Symbol.dispose]();
    this.#idle = this.#options.lockAfter(minutes);
    this.#change({ lockMinutes: minutes });
  }

  async backUp(passphrase: string): Promise<Problem | Uint8Array> {
    try {
      return await this.#node.backup(passphrase);
    } catch (error) {
      return problemOf(error);
    }
  }

  readBack(file: Uint8Array, passphrase: string): Promise<Problem | null> {
    return attempt(async () => {
      await this.#node.confirmBackup(file, passphrase);
      await this.#readBackupState();
    });
  }

  readonly dismissRestored = (): void => this.#change({ restored: null });

  readonly confirmRestored = async (): Promise<Problem | null> => {
    const problem = await attempt(() => this.#node.confirmRestored());
    this.#change({ rolledBack: this.#node.rolledBack });
    return problem;
  };

  leave(): Promise<Problem | null> {
    return attempt(async () => {
      await this.#node.stop();
      await this.#holder.profile.erase();
      this.#holder.tab[Symbol.dispose]();
      this.#change({ left: true });
    });
  }

  #change(part: Partial<HoldingState>): void {
    this.#state = { ...this.#state, ...part };
    for (const reader of this.#readers) reader();
  }

  async #readBackupState(): Promise<void> {
    try {
      this.#change({ backup: await this.#node.backupState() });
    } catch (error) {
      this.#change({ problem: problemOf(error) });
    }
  }

  async #followEvents(): Promise<void> {
    const node = this.#node;
    for await (const event of itemsOf(node.events())) {
      // Every peer reports its own lock.
      if (event.type === "locked" && event.peer === node.self) this.#change({ locked: event.locked });
      if (event.type === "rollback") this.#change({ rolledBack: node.rolledBack });
      if (event.type === "key" || event.type === "ban" || event.type === "done") void this.#readBackupState();
    }
    this.#idle[Symbol.dispose]();
  }
}

/** @returns What went wrong, or null. */
async function attempt(act: () => Promise<void>): Promise<Problem | null> {
  try {
    await act();
    return null;
  } catch (error) {
    return problemOf(error);
  }
}
