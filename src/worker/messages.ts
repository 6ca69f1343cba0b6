/**
 * What a worker vault and its owner say to each other: everything survives `structuredClone`, and every message about
 * a run carries the run's number.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type {
  IdentitySecrets,
  Incoming,
  Outcome,
  Progress,
  SessionErrorLike,
  Statement,
  Task,
} from "../ports.ts";

/** To the worker. `unlock` comes first, once. */
export type ToWorker =
  | { type: "unlock"; secrets: Pick<IdentitySecrets, "storageKey">; peer: PeerId }
  | { type: "run"; run: number; task: Task; party: readonly PeerId[] }
  | { type: "incoming"; run: number; incoming: Incoming }
  | { type: "verified"; run: number; call: number; authentic: boolean }
  | { type: "banned"; run: number; call: number; durable: boolean }
  | { type: "abort"; run: number; error: SessionErrorLike };

/** From the worker. After `done` or `failed` nothing more is said about that run. */
export type FromWorker =
  | { type: "send"; run: number; to: PeerId; round: string; body: Uint8Array; audience: "one" | "all" }
  | { type: "verify"; run: number; call: number; statement: Statement }
  | { type: "ban"; run: number; call: number; peers: readonly PeerId[] }
  | { type: "progress"; run: number; progress: Progress }
  | { type: "done"; run: number; outcome: Outcome }
  | { type: "failed"; run: number; error: SessionErrorLike; where: string };

/** To a worker that is no vault, but locks or opens one file with a passphrase. */
export type ToPassphraseWorker =
  | { type: "seal"; passphrase: string; workFactor: number }
  | { type: "open"; passphrase: string }
  /** What it has asked for of what goes in; null: that was all. */
  | { type: "piece"; bytes: Uint8Array | null }
  /** Asks for more of what comes out. */
  | { type: "more" };

/** From it. After `damaged` and `broke` nothing more. */
export type FromPassphraseWorker =
  /** `opens`: false if the passphrase is not the one. */
  | { type: "begun"; opens: boolean }
  | { type: "more" }
  | { type: "piece"; bytes: Uint8Array | null }
  | { type: "damaged" }
  | { type: "broke"; where: string };

/** The fields of an error that may cross. Its cause stays where it was: it may hold secrets. */
export function flatten({ code, culprits, missing, claims, evidence }: SessionErrorLike): SessionErrorLike {
  return { code, culprits, missing, claims, evidence };
}

/** Where an error was thrown, without its text: what a bug report needs, and cannot hold a secret. */
export function framesOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  return stack.split("\n").filter((line) => line.startsWith("    at ")).join("\n");
}

/** Makes the error anew on the other side. */
export function restore({ code, ...detail }: SessionErrorLike, cause?: unknown): SessionError {
  return new SessionError(code, { ...detail, cause });
}
