/**
 * Where shares are in the open: only in here, only while a protocol uses them. What goes in and out is sealed or
 * public. This is the vault of one thread; `client.ts` and `server.ts` put the same into a worker.
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
import type { PairOf, ProtocolRun } from "../schemes/secret_scheme.ts";
import { secretSchemes } from "../schemes/secrets.ts";
import { openNet } from "../session/net.ts";
import { openPair, sealPair } from "../keystore/pair_record.ts";
import { openShare, sealShare } from "../keystore/share_record.ts";

export interface VaultOptions {
  secrets: Pick<IdentitySecrets, "storageKey">;
  /** Whose shares these are. */
  peer: PeerId;
  random: Random;
  clock: Clock;
  /** Native where there is one; by default noble's. */
  diffieHellman?: DiffieHellman;
}

type Generate = Task & { kind: "generate" };
type Sign = Task & { kind: "sign" };

/**
 * A vault in this thread. It keeps nothing between runs but the storage key: opening a share takes about 1 ms, less
 * than a tenth of a signature, and what is not kept cannot be read out.
 */
export function shareVault(
  { secrets, peer, random, clock, diffieHellman = portableDiffieHellman }: VaultOptions,
): Vault {
  let storageKey: string | null = secrets.storageKey;

  async function carryOut(task: Task, io: RunIo, key: string): Promise<Outcome> {
    switch (task.kind) {
      case "generate":
        return await runGenerate(task, io, key);
      case "sign":
        return await runSign(task, io, key);
      default:
        return task satisfies never;
    }
  }

  async function runGenerate(task: Generate, io: RunIo, storageKey: string): Promise<Outcome> {
    const { session, party, scheme, wallet, epoch, threshold } = task;
    const { generate, pairs: codec } = secretSchemes[scheme];
    // What was dealt in a run that failed is worth nothing: a wrong share may be shown to all.
    const made = await generate(runFor(task, io, { openDirect: true }), { session, threshold });
    try {
      const { publicKey, verifyingShares, chainCode, transcript } = made;
      const key = { wallet, scheme, epoch, threshold, members: party, publicKey, verifyingShares, chainCode };
      const share = await sealShare(storageKey, { peer, key }, { session, share: made.share });
      const pairs = new Map<PeerId, Uint8Array>();
      for (const [other, state] of made.pairs) {
        pairs.set(other, await sealPair(codec!, storageKey, pairOf(key, other), state));
      }
      return { kind: "generate", key, transcript, share, pairs };
    } finally {
      made.share.fill(0);
      for (const state of made.pairs.values()) state[Symbol.dispose]();
    }
  }

  /** What a protocol runs with. */
  const runFor = (task: Task, io: RunIo, { openDirect }: { openDirect: boolean }): ProtocolRun => ({
    open: (rounds) => openNet(rounds, io, { ...task, clock, openDirect }),
    random,
    diffieHellman,
    pause: () => breathe(io),
    report: (done) => io.progress({ type: "work", done }),
    ban: (peers) => io.ban(peers),
  });

  /** Lets this thread hear what came meanwhile, such as that the run is over. @throws {SessionError} */
  async function breathe(io: RunIo): Promise<void> {
    await new Promise<void>((resolve) => clock.timer(0, resolve));
    io.signal.throwIfAborted();
  }

  const pairOf = ({ wallet, epoch, publicKey }: PublicKeyPackage, other: PeerId): PairOf => ({
    wallet,
    epoch,
    publicKey,
    self: peer,
    other,
  });

  async function runSign(task: Sign, io: RunIo, storageKey: string): Promise<Outcome> {
    const { key, scheme, session, path, message: payload } = task;
    if (key.scheme !== scheme) throw new Error(`Cannot sign: the key is of ${key.scheme}`);
    const { sign, pairs: codec } = secretSchemes[scheme];
    using opened = await openShare(storageKey, { peer, key }, task.share);
    const pairs = new Map<PeerId, Disposable>();
    using _wiped = { [Symbol.dispose]: () => pairs.forEach((pair) => pair[Symbol.dispose]()) };
    for (const [other, sealed] of codec ? task.pairs : []) {
      pairs.set(other, await openPair(codec!, storageKey, pairOf(key, other), sealed));
    }
    const run = runFor(task, io, { openDirect: false });
    return {
      kind: "sign",
      signature: await sign(run, { session, key, share: opened.share, pairs, path, payload }),
    };
  }

  return {
    rounds: ({ kind, scheme }) => Object.keys(schemes[scheme].rounds[kind]),
    verify: verifySignature,
    async run(task, io) {
      try {
        if (storageKey === null) throw new SessionError("shutdown");
        if (task.self !== peer) throw new Error("Cannot run: the task is for another peer");
        const outcome = await carryOut(task, io, storageKey);
        io.signal.throwIfAborted();
        return outcome;
      } catch (error) {
        throw error instanceof SessionError ? error : new SessionError("internal", { cause: error });
      }
    },
    close() {
      storageKey = null;
      return Promise.resolve();
    },
  };
}
