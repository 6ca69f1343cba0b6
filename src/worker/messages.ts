/**
 * The messages between a worker vault and its owner: everything survives `structuredClone`, and every message
 * about a run carries the run's number.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type {
  Agreed,
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
  | { type: "draw"; run: number; task: Task }
  | { type: "run"; run: number; agreed: Agreed; party: readonly PeerId[] }
  /** Wipes what was drawn for a run that does not come. */
  | { type: "drop"; run: number }
  | { type: "incoming"; run: number; incoming: Incoming }
  | { type: "verified"; run: number; call: number; authentic: boolean }
  | { type: "banned"; run: number; call: number; durable: boolean }
  | { type: "abort"; run: number; error: SessionErrorLike };

/** From the worker. After `done` or `failed` no message about that run follows. */
export type FromWorker =
  /** The answer to `unlock`: from now on it can draw. */
  | { type: "unlocked" }
  | { type: "drawn"; run: number; firstRound: Uint8Array }
  | { type: "send"; run: number; to: PeerId; round: string; body: Uint8Array; audience: "one" | "all" }
  | { type: "verify"; run: number; call: number; statement: Statement }
  | { type: "ban"; run: number; call: number; peers: readonly PeerId[] }
  | { type: "progress"; run: number; progress: Progress }
  | { type: "done"; run: number; outcome: Outcome }
  | { type: "failed"; run: number; error: SessionErrorLike; where: string };

/** To a worker that locks or opens one file with a passphrase. */
export type ToPassphraseWorker =
  | { type: "seal"; passphrase: string; workFactor: number }
  | { type: "open"; passphrase: string }
  /** The piece of the input that it has asked for; null: that was all. */
  | { type: "piece"; bytes: Uint8Array | null }
  /** Asks for the next piece of the output. */
  | { type: "more" };

/** From that worker. After `damaged` and `broke` nothing follows. */
export type FromPassphraseWorker =
  /** `opens`: whether the passphrase is right. */
  | { type: "begun"; opens: boolean }
  | { type: "more" }
  | { type: "piece"; bytes: Uint8Array | null }
  | { type: "damaged" }
  | { type: "broke"; where: string };

/** The fields of an error that may be sent. Its cause stays on its side: it may hold secrets. */
export function flatten(
  { code, culprits, missing, claims, evidence, checkableBy, items }: SessionErrorLike,
): SessionErrorLike {
  return { code, culprits, missing, claims, evidence, checkableBy, items };
}

/** The stack frames of an error without its text: enough for a bug report, and without secrets. */
export function framesOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  return stack.split("\n").filter((line) => line.startsWith("    at ")).join("\n");
}

/** Makes the error again on the other side. */
export function restore({ code, ...detail }: SessionErrorLike, cause?: unknown): SessionError {
  return new SessionError(code, { ...detail, cause });
}
