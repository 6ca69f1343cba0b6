/**
 * A session that every member of its party has accepted, and the parts of the node that run it.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import type { DrawnTask } from "../../../ports.ts";
import type { Go } from "../../../session/invite.ts";
import type { Context } from "../../events/event_context.ts";
import type { SessionFacts } from "../../events/session_facts.ts";
import type { Bans } from "../../keys/bans.ts";
import type { FailedResharings } from "../../keys/epochs/failed_resharings.ts";
import type { Frozen } from "../../keys/frozen.ts";
import type { Keys } from "../../keys/keys.ts";
import type { EvidenceStore } from "../../links/evidence_store.ts";
import type { SessionStreams } from "../../links/session_streams.ts";
import type { Command } from "../../records/command.ts";
import type { Invited } from "../invitation.ts";
import type { Outcomes } from "../outcome/outcomes.ts";
import type { ReplayGuard } from "../replay_guard.ts";

/** A session that all have accepted. */
export interface Opening extends Invited {
  /** The coordinator's go, with everyone's accepts. */
  go: Go;
  /** This node's part, drawn when it accepted. Whoever runs the session disposes of it. */
  drawn: DrawnTask;
  /** The facts of its history, which the coordinator has begun already. */
  facts: SessionFacts;
  /** Ends the session from outside. */
  signal: AbortSignal;
}

export interface SessionsOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  failedResharings: FailedResharings;
  streams: SessionStreams;
  replayGuard: ReplayGuard;
  outcomes: Outcomes;
  /** Keeps the evidence of failures. */
  evidence: EvidenceStore;
  /** Called when a session has ended. */
  ended(): void;
  /** Called when the link to these peers has turned out to be broken. */
  broken(peers: readonly PeerId[]): void;
  /**
   * Resolves when every other member of a key that was asked for here has signed that it is active there too.
   *
   * @throws {SessionError} `wallet-pending`, naming the members that have not.
   */
  confirmed(command: Command, row: KeyRow, signal: AbortSignal): Promise<void>;
}
