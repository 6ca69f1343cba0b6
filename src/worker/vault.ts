/**
 * Where shares are in the open: only in here, only while a protocol uses them. What goes in and out is sealed or
 * public. This is the vault of one thread; `client.ts` and `server.ts` put the same into a worker.
 * @module
 */
import { childOf, tweakShare, tweakVerifyingShares } from "../crypto/bip32.ts";
import { type DiffieHellman, portableDiffieHellman } from "../crypto/dkls/diffie_hellman.ts";
import type { PairOf, PairState } from "../crypto/dkls/pair.ts";
import { groups } from "../crypto/group.ts";
import { verifySignature } from "../crypto/verify.ts";
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
import { roundsOf } from "../protocol/catalogue.ts";
import { generate, type GeneratedKey } from "../protocol/generate.ts";
import { generating } from "../protocol/generate_messages.ts";
import { generateEcdsa } from "../protocol/setup_ecdsa.ts";
import { generatingEcdsa } from "../protocol/setup_ecdsa_messages.ts";
import { signEcdsa } from "../protocol/sign_ecdsa.ts";
import { signingEcdsa } from "../protocol/sign_ecdsa_messages.ts";
import { signFrost, signingFrost } from "../protocol/sign_frost.ts";
import type { openNet } from "../session/net.ts";
import { openPair, sealPair } from "../keystore/pair_record.ts";
import { openShare, sealShare } from "../keystore/share_record.ts";

/** Joins a protocol's rounds to a run's ends of the wire. */
export type OpenNet = typeof openNet;

export interface VaultOptions {
  secrets: Pick<IdentitySecrets, "storageKey">;
  /** Whose shares these are. */
  peer: PeerId;
  random: Random;
  clock: Clock;
  openNet: OpenNet;
  /** Native where there is one; by default noble's. */
  diffieHellman?: DiffieHellman;
}

type Generate = Task & { kind: "generate" };
type Sign = Task & { kind: "sign" };

/** A part of a set-up is told when so much more of it is done. */
const tellsEvery = 1 / 20;

/**
 * A vault in this thread. It keeps nothing between runs but the storage key: opening a share takes about 1 ms, less
 * than a tenth of a signature, and what is not kept cannot be read out.
 */
export function shareVault(
  { secrets, peer, random, clock, openNet, diffieHellman = portableDiffieHellman }: VaultOptions,
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
    const { session, party, curve, wallet, epoch, threshold } = task;
    const made = curve === "ed25519" ? await generateEd25519(task, io) : await generateSecp256k1(task, io);
    try {
      const { publicKey, verifyingShares, chainCode, transcript } = made;
      const key = { wallet, curve, epoch, threshold, members: party, publicKey, verifyingShares, chainCode };
      const share = await sealShare(storageKey, { peer, key }, { session, share: made.share });
      const pairs = new Map<PeerId, Uint8Array>();
      for (const [other, state] of made.pairs) {
        pairs.set(other, await sealPair(storageKey, pairOf(key, other), state));
      }
      return { kind: "generate", key, transcript, share, pairs };
    } finally {
      made.share.fill(0);
      for (const state of made.pairs.values()) state[Symbol.dispose]();
    }
  }

  type Made = GeneratedKey & { pairs: ReadonlyMap<PeerId, PairState> };

  // What was dealt in a run that failed is worth nothing: a wrong share may be shown to all.
  async function generateEd25519(task: Generate, io: RunIo): Promise<Made> {
    const net = openNet(generating.ed25519, io, { ...task, clock, openDirect: true });
    const made = await proven(net, generate(net, { ...task, group: groups.ed25519, random }));
    return { ...made, pairs: new Map() };
  }

  async function generateSecp256k1(task: Generate, io: RunIo): Promise<Made> {
    const net = openNet(generatingEcdsa, io, { ...task, clock, openDirect: true });
    let told = 0;
    const pause = async (done: number) => {
      if (done >= told + tellsEvery || done === 1) io.progress({ type: "work", done: told = done });
      await breathe(io);
    };
    const { session, threshold } = task;
    return await proven(net, generateEcdsa(net, { session, threshold, random, diffieHellman, pause }));
  }

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
    const { key, curve } = task;
    if (key.curve !== curve) throw new Error(`Cannot sign: the key is of ${key.curve}`);
    using opened = await openShare(storageKey, { peer, key }, task.share);
    const signature = curve === "ed25519"
      ? await signEd25519(task, io, opened.share)
      : await signSecp256k1(task, io, opened.share, storageKey);
    return { kind: "sign", signature };
  }

  async function signEd25519({ key, path, message, ...task }: Sign, io: RunIo, share: Uint8Array) {
    const child = childOf(key, path);
    const { publicKey } = child;
    const verifyingShares = path.length === 0 ? key.verifyingShares : tweakVerifyingShares(key, child);
    const childKey = { ...key, publicKey, verifyingShares };
    const childShare = tweakShare(key, share, child);
    try {
      const net = openNet(signingFrost, io, { ...task, clock, openDirect: false });
      return await proven(net, signFrost(net, { key: childKey, share: childShare, message, random }));
    } finally {
      childShare.fill(0);
    }
  }

  async function signSecp256k1(task: Sign, io: RunIo, share: Uint8Array, storageKey: string) {
    const { key, session, path, message: digest } = task;
    const pairs = new Map<PeerId, PairState>();
    using _wiped = { [Symbol.dispose]: () => pairs.forEach((pair) => pair[Symbol.dispose]()) };
    for (const [other, sealed] of task.pairs) {
      pairs.set(other, await openPair(storageKey, pairOf(key, other), sealed));
    }
    const net = openNet(signingEcdsa, io, { ...task, clock, openDirect: false });
    const ban = (peers: readonly PeerId[]) => io.ban(peers);
    const pause = () => breathe(io);
    // What it finds wrong, it alone can know: there is nothing to show.
    return (await signEcdsa(net, { key, session, share, pairs, path, digest, random, ban, pause })).compact;
  }

  return {
    rounds: ({ kind, curve }) => Object.keys(roundsOf(kind, curve)),
    verify: ({ curve, publicKey }, message, signature) =>
      verifySignature(curve, publicKey, message, signature),
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

/** What a protocol finds wrong in broadcasts, anyone can check: shows them. */
async function proven<T>(net: ReturnType<OpenNet>, running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    const { code, culprits, evidence } = error;
    if (culprits.length === 0 || evidence.length > 0) throw error;
    throw new SessionError(code, { culprits, evidence: net.evidence(culprits), cause: error.cause });
  }
}
