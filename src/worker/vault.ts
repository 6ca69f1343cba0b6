/**
 * The vault of one thread. Shares are in the open only in here, and only while a protocol uses them; whatever
 * goes in and out is sealed or public. `client.ts` and `server.ts` put the same into a worker.
 * @module
 */
import { type DiffieHellman, portableDiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type {
  Agreed,
  Clock,
  DrawnTask,
  IdentitySecrets,
  Outcome,
  PublicKeyPackage,
  Random,
  RunIo,
  Task,
  Vault,
} from "../ports.ts";
import { isFirstRound, schemes, verifySignature } from "../schemes/schemes.ts";
import type { ProtocolRun } from "../schemes/secret_scheme.ts";
import type { PairOf } from "../schemes/stored/stored_scheme.ts";
import { secretSchemes } from "../schemes/secrets.ts";
import { openNet } from "../session/net.ts";
import { usedUp } from "./used_up.ts";
import { openPair, sealPair } from "../keystore/pair_record.ts";
import { openShare, sealShare } from "../keystore/share_record.ts";

export interface VaultOptions {
  secrets: Pick<IdentitySecrets, "storageKey">;
  /** The owner of the shares. */
  peer: PeerId;
  random: Random;
  clock: Clock;
  /** Native where there is one; by default noble's. */
  diffieHellman?: DiffieHellman;
}

type Generate = Task & { kind: "generate" };
type Sign = Task & { kind: "sign" };

/**
 * A vault in this thread. It keeps nothing between tasks but the storage key: opening a share takes about 1
 * ms, and what is not kept cannot be read out. A share stays open from the draw to the end of the run, or
 * until the accept lapses.
 */
export function shareVault(options: VaultOptions): Vault {
  return new ShareVault(options);
}

/** The vault of this thread. Its methods are own properties, so that a wrapper can spread it. */
class ShareVault implements Vault {
  readonly #options: Omit<VaultOptions, "secrets">;
  #storageKey: string | null;

  constructor({ secrets, ...options }: VaultOptions) {
    this.#options = options;
    this.#storageKey = secrets.storageKey;
  }

  readonly rounds = ({ kind, scheme }: Pick<Task, "kind" | "scheme">): string[] =>
    Object.keys(schemes[scheme].rounds[kind]);

  readonly isFirstRound = isFirstRound;

  readonly verify = verifySignature;

  readonly draw = async (task: Task): Promise<DrawnTask> => {
    const storageKey = this.#storageKey;
    try {
      if (storageKey === null) throw new SessionError("shutdown");
      if (task.self !== this.#options.peer) throw new Error("Cannot draw: the task is for another peer");
      const drawn = task.kind === "generate"
        ? this.#drawKey(task, storageKey)
        : await this.#drawSignature(task, storageKey);
      return new OneRun(drawn, () => this.#storageKey === null);
    } catch (error) {
      throw inSession(error);
    }
  };

  readonly close = (): Promise<void> => {
    this.#storageKey = null;
    return Promise.resolve();
  };

  #drawKey(task: Generate, storageKey: string): DrawnTask {
    const { party, scheme, wallet, epoch, threshold } = task;
    const { peer, random } = this.#options;
    const { drawKey, pairs: pairCodec } = secretSchemes[scheme];
    const drawn = drawKey({ ...task, random });
    const run = async (agreed: Agreed, io: RunIo): Promise<Outcome> => {
      const { session } = agreed;
      // A failed run leaves no key, so the shares dealt in it are worthless: a wrong one may be shown to all.
      const made = await drawn.run(this.#protocolRun(task, agreed, io, { mayShowDirect: true }), agreed);
      try {
        const { publicKey, verifyingShares, chainCode, transcript } = made;
        const key = {
          wallet,
          scheme,
          epoch,
          threshold,
          members: party,
          publicKey,
          verifyingShares,
          chainCode,
        };
        const share = await sealShare(storageKey, { peer, key }, { session, share: made.share });
        const pairs = new Map<PeerId, Uint8Array>();
        for (const [other, state] of made.pairs) {
          pairs.set(other, await sealPair(pairCodec!, storageKey, this.#pairOf(key, other), state));
        }
        return { kind: "generate", key, transcript, share, pairs };
      } finally {
        made.share.fill(0);
        for (const state of made.pairs.values()) state[Symbol.dispose]();
      }
    };
    return { firstRound: drawn.firstRound, run, [Symbol.dispose]: () => drawn[Symbol.dispose]() };
  }

  async #drawSignature(task: Sign, storageKey: string): Promise<DrawnTask> {
    const { key, scheme, message: payload } = task;
    const { peer, random } = this.#options;
    if (key.scheme !== scheme) throw new Error(`Cannot sign: the key is of ${key.scheme}`);
    const { drawSignature, pairs: pairCodec } = secretSchemes[scheme];
    const opened = await openShare(storageKey, { peer, key }, task.share);
    let drawn: ReturnType<typeof drawSignature>;
    try {
      drawn = drawSignature({ ...task, share: opened.share, payload, random });
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
    const run = async (agreed: Agreed, io: RunIo): Promise<Outcome> => {
      const pairs = new Map<PeerId, Disposable>();
      using _wiped = { [Symbol.dispose]: () => pairs.forEach((pair) => pair[Symbol.dispose]()) };
      for (const [other, sealed] of pairCodec ? agreed.pairs : []) {
        pairs.set(other, await openPair(pairCodec!, storageKey, this.#pairOf(key, other), sealed));
      }
      const protocolRun = this.#protocolRun(task, agreed, io, { mayShowDirect: false });
      return { kind: "sign", signature: await drawn.run(protocolRun, { ...agreed, pairs }) };
    };
    return {
      firstRound: drawn.firstRound,
      run,
      [Symbol.dispose]() {
        drawn[Symbol.dispose]();
        opened[Symbol.dispose]();
      },
    };
  }

  /** The effects that a protocol runs with. */
  #protocolRun(
    task: Task,
    { session }: Agreed,
    io: RunIo,
    { mayShowDirect }: { mayShowDirect: boolean },
  ): ProtocolRun {
    const { random, clock, diffieHellman = portableDiffieHellman } = this.#options;
    return {
      open: (rounds) => openNet(rounds, io, { ...task, session, clock, mayShowDirect }),
      random,
      diffieHellman,
      // Lets this thread take the messages that have come meanwhile, such as that the run is over.
      pause: async () => {
        await new Promise<void>((resolve) => clock.timer(0, resolve));
        io.signal.throwIfAborted();
      },
      report: (done) => io.progress({ type: "work", done }),
      ban: (peers) => io.ban(peers),
    };
  }

  #pairOf({ wallet, epoch, publicKey }: PublicKeyPackage, other: PeerId): PairOf {
    return { wallet, epoch, publicKey, self: this.#options.peer, other };
  }
}

/** A drawn task that runs once and is wiped on every way out. */
class OneRun implements DrawnTask {
  readonly firstRound: Uint8Array;
  readonly #drawn: DrawnTask;
  readonly #closed: () => boolean;
  #used = false;

  /** @param closed Whether the vault was closed meanwhile. */
  constructor(drawn: DrawnTask, closed: () => boolean) {
    this.firstRound = drawn.firstRound;
    this.#drawn = drawn;
    this.#closed = closed;
  }

  async run(agreed: Agreed, io: RunIo): Promise<Outcome> {
    if (this.#used) throw usedUp();
    this.#used = true;
    using drawn = this.#drawn;
    try {
      if (this.#closed()) throw new SessionError("shutdown");
      io.signal.throwIfAborted();
      const outcome = await drawn.run(agreed, io);
      io.signal.throwIfAborted();
      return outcome;
    } catch (error) {
      throw inSession(error);
    }
  }

  [Symbol.dispose](): void {
    if (this.#used) return;
    this.#used = true;
    this.#drawn[Symbol.dispose]();
  }
}

const inSession = (error: unknown): SessionError =>
  error instanceof SessionError ? error : new SessionError("internal", { cause: error });
