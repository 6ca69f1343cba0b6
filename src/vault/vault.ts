/**
 * Where shares are in the open: only in here, only while a protocol uses them. What goes in and out is sealed or
 * public. This is the vault of one thread; `worker_vault.ts` puts the same into a worker.
 * @module
 */
import { groups } from "../crypto/group.ts";
import { verifySignature } from "../crypto/verify.ts";
import { type PeerId, SessionError } from "../failure.ts";
import type { Clock, IdentitySecrets, Outcome, Random, RunIo, Task, Vault } from "../ports.ts";
import { roundsOf } from "../protocol/catalogue.ts";
import { generate } from "../protocol/generate.ts";
import { generating } from "../protocol/generate_messages.ts";
import type { Net, Rounds } from "../protocol/rounds.ts";
import { signFrost, signingFrost } from "../protocol/sign_frost.ts";
import { openShare, sealShare } from "./share_record.ts";

/** Joins a protocol's rounds to a run's ends of the wire; the session's `openNet`. */
export type OpenNet = <P extends Rounds>(rounds: P, io: RunIo, options: {
  session: Uint8Array;
  self: PeerId;
  party: readonly PeerId[];
  roundMs: number;
  clock: Clock;
  openDirect: boolean;
}) => Net<P> & {
  /** What shows the guilt of `culprits` to anyone. */
  evidence(culprits: readonly PeerId[]): Uint8Array[];
};

export interface VaultOptions {
  secrets: Pick<IdentitySecrets, "storageKey">;
  /** Whose shares these are. */
  peer: PeerId;
  random: Random;
  clock: Clock;
  openNet: OpenNet;
}

/**
 * A vault in this thread. It keeps nothing between runs but the storage key: opening a share takes about 1 ms, less
 * than a tenth of a signature, and what is not kept cannot be read out.
 */
export function shareVault({ secrets, peer, random, clock, openNet }: VaultOptions): Vault {
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

  async function runGenerate(
    task: Task & { kind: "generate" },
    io: RunIo,
    storageKey: string,
  ): Promise<Outcome> {
    const { session, party, curve, wallet, epoch, threshold } = task;
    // What was dealt in a run that failed is worth nothing: a wrong share may be shown to all.
    const net = openNet(generating[curve], io, { ...task, clock, openDirect: true });
    const made = await proven(net, generate(net, { group: groups[curve], session, threshold, random }));
    try {
      const { publicKey, verifyingShares, chainCode, transcript } = made;
      const key = { wallet, curve, epoch, threshold, members: party, publicKey, verifyingShares, chainCode };
      const share = await sealShare(storageKey, { peer, key }, { session, share: made.share });
      return { kind: "generate", key, transcript, share };
    } finally {
      made.share.fill(0);
    }
  }

  async function runSign(task: Task & { kind: "sign" }, io: RunIo, storageKey: string): Promise<Outcome> {
    const { key, message, curve } = task;
    if (curve !== "ed25519" || key.curve !== curve) throw new Error(`Cannot sign with ${key.curve}`);
    using opened = await openShare(storageKey, { peer, key }, task.share);
    const net = openNet(signingFrost, io, { ...task, clock, openDirect: false });
    const signing = signFrost(net, { key, share: opened.share, message, random });
    return { kind: "sign", signature: await proven(net, signing) };
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
