/**
 * The vault of one thread. Shares are in the open only in here, and only while a protocol uses them; whatever
 * goes in and out is sealed or public. `client.ts` and `server.ts` put the same into a worker.
 * @module
 */
import { type DiffieHellman, portableDiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type {
  Clock,
  IdentitySecrets,
  Outcome,
  PublicKeyPackage,
  Random,
  RunIo,
  Task,
  Vault,
} from "../ports.ts";
import { schemes, verifySignature } from "../schemes/schemes.ts";
import type { ProtocolRun } from "../schemes/secret_scheme.ts";
import type { PairOf } from "../schemes/stored/stored_scheme.ts";
import { secretSchemes } from "../schemes/secrets.ts";
import { openNet } from "../session/net.ts";
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
 * A vault in this thread. It keeps nothing between runs but the storage key: opening a share takes about 1
 * ms, less than a tenth of a signature, and what is not kept cannot be read out.
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

  readonly verify = verifySignature;

  readonly run = async (task: Task, io: RunIo): Promise<Outcome> => {
    const storageKey = this.#storageKey;
    try {
      if (storageKey === null) throw new SessionError("shutdown");
      if (task.self !== this.#options.peer) throw new Error("Cannot run: the task is for another peer");
      const outcome = task.kind === "generate"
        ? await this.#generate(task, io, storageKey)
        : await this.#sign(task, io, storageKey);
      io.signal.throwIfAborted();
      return outcome;
    } catch (error) {
      throw error instanceof SessionError ? error : new SessionError("internal", { cause: error });
    }
  };

  readonly close = (): Promise<void> => {
    this.#storageKey = null;
    return Promise.resolve();
  };

  async #generate(task: Generate, io: RunIo, storageKey: string): Promise<Outcome> {
    const { session, party, scheme, wallet, epoch, threshold } = task;
    const { peer } = this.#options;
    const { generate, pairs: pairCodec } = secretSchemes[scheme];
    // A failed run leaves no key, so the shares dealt in it are worthless: a wrong one may be shown to all.
    const made = await generate(this.#protocolRun(task, io, { mayShowDirect: true }), { session, threshold });
    try {
      const { publicKey, verifyingShares, chainCode, transcript } = made;
      const key = { wallet, scheme, epoch, threshold, members: party, publicKey, verifyingShares, chainCode };
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
  }

  async #sign(task: Sign, io: RunIo, storageKey: string): Promise<Outcome> {
    const { key, scheme, session, path, options, message: payload } = task;
    const { peer } = this.#options;
    if (key.scheme !== scheme) throw new Error(`Cannot sign: the key is of ${key.scheme}`);
    const { sign, pairs: pairCodec } = secretSchemes[scheme];
    using opened = await openShare(storageKey, { peer, key }, task.share);
    const pairs = new Map<PeerId, Disposable>();
    using _wiped = { [Symbol.dispose]: () => pairs.forEach((pair) => pair[Symbol.dispose]()) };
    for (const [other, sealed] of pairCodec ? task.pairs : []) {
      pairs.set(other, await openPair(pairCodec!, storageKey, this.#pairOf(key, other), sealed));
    }
    const run = this.#protocolRun(task, io, { mayShowDirect: false });
    return {
      kind: "sign",
      signature: await sign(run, {
        session,
        key,
        share: opened.share,
        pairs,
        path,
        options,
        payload,
      }),
    };
  }

  /** The effects that a protocol runs with. */
  #protocolRun(task: Task, io: RunIo, { mayShowDirect }: { mayShowDirect: boolean }): ProtocolRun {
    const { random, clock, diffieHellman = portableDiffieHellman } = this.#options;
    return {
      open: (rounds) => openNet(rounds, io, { ...task, clock, mayShowDirect }),
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
