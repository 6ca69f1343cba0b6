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
import type { DealtKey } from "../protocol/deal.ts";
import { type Dealing, generation, resharing } from "../protocol/dealing.ts";
import { isFirstRound, roundNames, verifySignature } from "../schemes/schemes.ts";
import type { ProtocolRun, WithPairs } from "../schemes/secret_scheme.ts";
import type { PairOf } from "../schemes/stored/stored_scheme.ts";
import { secretSchemes } from "../schemes/secrets.ts";
import { openNet } from "../session/net.ts";
import { usedUp } from "./used_up.ts";
import { openPair, sealPair } from "../keystore/pair_record.ts";
import { type OpenShare, openShare, sealShare } from "../keystore/share_record.ts";

export interface VaultOptions {
  secrets: Pick<IdentitySecrets, "storageKey">;
  /** The owner of the shares. */
  peer: PeerId;
  random: Random;
  clock: Clock;
  /** Native where there is one; by default noble's. */
  diffieHellman?: DiffieHellman;
}

type Deal = Task & { kind: "generate" | "reshare" };
type Reshare = Task & { kind: "reshare" };
type Sign = Task & { kind: "sign" };
type DealtWithPairs = DealtKey & WithPairs<Disposable>;

/** The dealing of a task, as everyone in its party sees it. */
const dealingOf = (task: Deal): Dealing =>
  task.kind === "generate" ? generation(task.party, task.threshold) : resharing(task.key, task);

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

  readonly rounds = roundNames;

  readonly isFirstRound = isFirstRound;

  readonly verify = verifySignature;

  readonly draw = async (task: Task): Promise<DrawnTask> => {
    const storageKey = this.#storageKey;
    try {
      if (storageKey === null) throw new SessionError("shutdown");
      if (task.self !== this.#options.peer) throw new Error("Cannot draw: the task is for another peer");
      const drawn = task.kind === "sign"
        ? await this.#drawSignatures(task, storageKey)
        : await this.#drawDealing(task, storageKey);
      return new OneRun(drawn, () => this.#storageKey === null);
    } catch (error) {
      throw inSession(error);
    }
  };

  readonly close = (): Promise<void> => {
    this.#storageKey = null;
    return Promise.resolve();
  };

  async #drawDealing(task: Deal, storageKey: string): Promise<DrawnTask> {
    const { random } = this.#options;
    const { drawKey } = secretSchemes[task.scheme];
    using opened = task.kind === "reshare" ? await this.#dealersShare(task, storageKey) : null;
    const dealing = dealingOf(task);
    const drawn = drawKey({ ...task, dealing, share: opened?.share ?? null, random });
    const run = async (agreed: Agreed, io: RunIo): Promise<Outcome> => {
      const dealt = await drawn.run(this.#protocolRun(task, agreed, io), agreed);
      try {
        return await this.#sealed(task, { dealt, dealing, session: agreed.session }, storageKey);
      } finally {
        dealt.share?.fill(0);
        for (const state of dealt.pairs.values()) state[Symbol.dispose]();
      }
    };
    return { firstRound: drawn.firstRound, run, [Symbol.dispose]: () => drawn[Symbol.dispose]() };
  }

  /** The share of the epoch before that this peer deals; null at one that deals nothing. */
  async #dealersShare(
    { key, keyId: session, share }: Reshare,
    storageKey: string,
  ): Promise<OpenShare | null> {
    return share && await openShare(storageKey, { peer: this.#options.peer, key, session }, share);
  }

  /** The outcome of a dealing, in which every secret is sealed. */
  async #sealed(
    { kind, wallet, scheme, epoch }: Deal,
    { dealt, dealing, session }: { dealt: DealtWithPairs; dealing: Dealing; session: Uint8Array },
    storageKey: string,
  ): Promise<Outcome> {
    const { peer } = this.#options;
    const { publicKey, verifyingShares, chainCode, transcript } = dealt;
    const { threshold, recipients: members } = dealing;
    const key = { wallet, scheme, epoch, threshold, members, publicKey, verifyingShares, chainCode };
    const share = dealt.share && await sealShare(storageKey, { peer, key, session }, dealt.share);
    const { pairs: pairCodec } = secretSchemes[scheme];
    const pairs = new Map<PeerId, Uint8Array>();
    for (const [other, state] of dealt.pairs) {
      pairs.set(other, await sealPair(pairCodec!, storageKey, this.#pairOf(key, other), state));
    }
    return { kind, key, transcript, share, pairs };
  }

  async #drawSignatures(task: Sign, storageKey: string): Promise<DrawnTask> {
    const { key, keyId: session, scheme } = task;
    const { peer, random } = this.#options;
    if (key.scheme !== scheme) throw new Error(`Cannot sign: the key is of ${key.scheme}`);
    const { drawSignatures, pairs: pairCodec } = secretSchemes[scheme];
    const opened = await openShare(storageKey, { peer, key, session }, task.share);
    let drawn: ReturnType<typeof drawSignatures>;
    try {
      drawn = drawSignatures({ ...task, share: opened.share, random });
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
      const protocolRun = this.#protocolRun(task, agreed, io);
      return { kind: "sign", signatures: await drawn.run(protocolRun, { ...agreed, pairs }) };
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
  #protocolRun(task: Task, { session }: Agreed, io: RunIo): ProtocolRun {
    const { random, clock, diffieHellman = portableDiffieHellman } = this.#options;
    return {
      open: (rounds) => openNet(rounds, io, { ...task, session, clock }),
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
