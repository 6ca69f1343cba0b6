/**
 * The port to the shares: the tasks that a vault runs, their outcomes, and the consent that each needs.
 * @module
 */
import type { Scheme } from "../events.ts";
import type { PeerId } from "../failure.ts";
import type { RunIo } from "./session.ts";

interface TaskCommon {
  /** The hash of the signed invite, 32 bytes: the session has no id before all have accepted. */
  attempt: Uint8Array;
  self: PeerId;
  /** Sorted; for a key generation the order of the identifiers 1..n. */
  party: readonly PeerId[];
  scheme: Scheme;
  wallet: string;
  /** For each round, ms. */
  roundMs: number;
}
/** A task for a vault. */
export type Task =
  | TaskCommon & { kind: "generate"; threshold: number; epoch: number }
  | TaskCommon & {
    /** Deals a key anew: new shares of the same key. */
    kind: "reshare";
    /** The threshold of the new epoch. */
    threshold: number;
    /** The new epoch: one more than that of the key. */
    epoch: number;
    /** The id of the key that is dealt anew: the session that made its epoch, 32 bytes. */
    keyId: Uint8Array;
    /** That key, from its certificate. */
    key: PublicKeyPackage;
    /** Exactly as many of its members as its threshold. */
    dealers: readonly PeerId[];
    /** The members of the new epoch, in the order of their identifiers 1..n. */
    recipients: readonly PeerId[];
    /** The members of the old epoch that take no part. */
    gone: readonly PeerId[];
    /** The sealed record of a dealer's share of that key; null at whoever deals nothing. */
    share: Uint8Array | null;
  }
  | TaskCommon & {
    kind: "sign";
    /** The id of the key: the session that made it, 32 bytes. */
    keyId: Uint8Array;
    /** The sealed record of the share, as `generate` returned it. */
    share: Uint8Array;
    /** The key in the certificate; a share that does not match it is `share-corrupt`. */
    key: PublicKeyPackage;
    /** 1 to 256, in the order of the command. */
    items: readonly SigningItem[];
  };

/** One thing that a task signs. */
export interface SigningItem {
  /** Non-hardened indices of the child that signs; empty for the key itself. */
  readonly path: readonly number[];
  /** The options of the scheme, as in the command. */
  readonly options: Uint8Array;
  /** The message, or its digest if that is what the scheme signs. */
  readonly payload: Uint8Array;
}

/** The facts about a task that its rounds depend on. */
export interface Protocol {
  readonly kind: Task["kind"];
  readonly scheme: Scheme;
  /** The number of items that it signs; 0 for a generation or a resharing. */
  readonly itemCount: number;
}

/** The facts of a session that all its members have accepted. */
export interface Agreed {
  /** 32 bytes. */
  session: Uint8Array;
  /** Everyone's first round, this node's included, as it stands in the accepts. */
  firstRound: ReadonlyMap<PeerId, Uint8Array>;
  /**
   * The sealed state of this node's pair with each other signer, as its key was dealt; empty for a dealing, and
   * for a scheme without pairs.
   */
  pairs: ReadonlyMap<PeerId, Uint8Array>;
}

/** The public half of a key, equal at every holder. */
export interface PublicKeyPackage {
  wallet: string;
  scheme: Scheme;
  epoch: number;
  threshold: number;
  /** In the order of their identifiers 1..n. */
  members: readonly PeerId[];
  /** 32 bytes on Curve25519; 33 on secp256k1, compressed. */
  publicKey: Uint8Array;
  /** In the order of `members`, each of the length of `publicKey`. */
  verifyingShares: readonly Uint8Array[];
  /** 32 bytes. */
  chainCode: Uint8Array;
}

export type Outcome =
  | {
    kind: "generate" | "reshare";
    key: PublicKeyPackage;
    /** SHA-256 of all broadcasts, the same at every honest party. */
    transcript: Uint8Array;
    /** This party's share, sealed with age to its storage key; null where it gets none. */
    share: Uint8Array | null;
    /** For ECDSA: the state of the pair with each other member, sealed likewise. */
    pairs: ReadonlyMap<PeerId, Uint8Array>;
  }
  /** In the order of the items, 64 bytes each: for EdDSA as in RFC 8032; for ECDSA r and s, with a low s. */
  | { kind: "sign"; signatures: readonly Uint8Array[] };

/**
 * The place of the shares. Everything that enters or leaves it is sealed or public; a share is opened inside
 * only.
 */
export interface Vault {
  /** Whether it is locked: then every run ends with `store-locked`. */
  readonly locked?: boolean;
  /** Resolves when it can draw at once: a thread of its own takes a moment to load. Never rejects. */
  ready?(): Promise<void>;
  /** The names of the rounds that a task will run, in order. */
  rounds(protocol: Protocol): readonly string[];
  /** Whether bytes from an accept are a first round of such a task, whatever they promise. */
  isFirstRound(protocol: Protocol, firstRound: Uint8Array): boolean;
  /**
   * Draws the one-time secrets of a task.
   *
   * @throws {SessionError} `share-corrupt`, `store-locked`, `shutdown`.
   */
  draw(task: Task): Promise<DrawnTask>;
  /**
   * Whether a signature from any source is valid under a key. False, never an error, for bytes of another
   * shape.
   *
   * @param payload See {@linkcode SigningItem}.
   */
  verify(
    key: Pick<PublicKeyPackage, "scheme" | "publicKey">,
    payload: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  close(): Promise<void>;
}

/**
 * A task with its one-time secrets, which stay inside the vault. Disposing of it wipes them; the first run uses
 * them up, whatever comes of it.
 */
export interface DrawnTask extends Disposable {
  /** The public part, for this node's accept: at most 128 bytes. */
  readonly firstRound: Uint8Array;
  /** Runs the protocol to its end, once. @throws {SessionError} */
  run(agreed: Agreed, io: RunIo): Promise<Outcome>;
}

/** A node's consent to exactly one command. */
export interface Consent {
  /** Whether it covers a task, and is neither spent nor withdrawn. */
  covers(task: Task): boolean;
  /** Takes the consent for one run; null if it does not cover the task, or is in use, spent, or withdrawn. */
  take(task: Task): ConsentUse | null;
}

/** A consent in use. If it is disposed of before it is spent, it can be taken again. */
export interface ConsentUse extends Disposable {
  /** Marks the consent as spent, because a share was used: it is never taken again. */
  spend(): void;
}

/** A vault behind a gate: nothing is drawn and nothing runs without consent to exactly this task. */
export interface GuardedVault extends Omit<Vault, "draw"> {
  /**
   * Draws the one-time secrets of a task that the consent covers. Its run takes the consent.
   *
   * @throws {SessionError} `internal` where the consent does not cover the task, now or when it runs;
   * `result-rejected` where the signature does not verify; or as of {@linkcode Vault.draw}.
   */
  draw(task: Task, consent: Consent): Promise<DrawnTask>;
}
