/**
 * Quorate: threshold signing among peers, in browsers and in Deno.
 *
 * Importing this opens nothing, reaches neither `Deno` nor `node:`, and changes no global, but for adding what an older
 * browser lacks of JavaScript's library (`src/platform/polyfills.ts`). What is of one platform is in `quorate/server` and
 * `quorate/browser`.
 *
 * Bytes are `Uint8Array`; in events, lower-case hex. Times are milliseconds.
 *
 * @module
 */
import "./src/platform/polyfills.ts";
export { checkEvidence, type Proof } from "./src/node/evidence.ts";
export type {
  Asking,
  BanEvent,
  Began,
  Carrier,
  CarrierEvent,
  CertificateChange,
  CertificateEvent,
  CommandId,
  Common,
  ContradictionEvent,
  Curve,
  Done,
  Failure,
  Fault,
  Heard,
  JoinEvent,
  JoinState,
  KeyEvent,
  KeyState,
  Lagged,
  LinkEvent,
  LockEvent,
  NodeEvent,
  Opened,
  PeerEvent,
  PhaseEntered,
  Proposed,
  QuarantineEvent,
  Reservation,
  ReservationEvent,
  RollbackEvent,
  RosterConflictEvent,
  RosterEvent,
  RosterFileEvent,
  RoundEvent,
  SessionEvent,
  SessionId,
  View,
  Warning,
  Work,
} from "./src/events.ts";
export { explain, type Explanation } from "./src/explain.ts";
export { type FailureDetail, InputError, SessionError, StoreError } from "./src/errors.ts";
export {
  type Claim,
  type ClockDifference,
  type Explainable,
  type FailureCode,
  type FailureRow,
  failures,
  type KeySafety,
  type Kind,
  type Names,
  type PeerId,
  type Phase,
  type Remedy,
  type WarningCode,
  type WarningRow,
  warnings,
} from "./src/failure.ts";
export type { FourWords } from "./src/identity/four_words.ts";
export { defaultLimits, type Limits } from "./src/limits.ts";
export type { KeyChoice, KeyName, KeyRequest, SignRequest } from "./src/cluster/records/command.ts";
export type { Session } from "./src/cluster/commands/handle.ts";
export type { Signature, SignInput } from "./src/cluster/records/signing.ts";
export type { Ban } from "./src/cluster/records/ban_record.ts";
export type { Quarantine } from "./src/cluster/keys/frozen.ts";
export type { DigestHash } from "./src/crypto/ecdsa_signature.ts";
export type { Admit, JoinRequest } from "./src/cluster/roster/admission.ts";
export type { InviteOptions, OpenInvite } from "./src/cluster/roster/invites.ts";
export {
  formatInvitation,
  type Invitation,
  InvitationError,
  type InvitationProblem,
  parseInvitation,
} from "./src/cluster/roster/join.ts";
export type { GroupKey, UnfinishedKey } from "./src/cluster/keys/keys.ts";
export type {
  Approval,
  ApprovalRequest,
  Approve,
  GenerateRequest,
  RequestCommon,
  SigningRequest,
} from "./src/cluster/commands/consent.ts";
export type { RequestOptions } from "./src/cluster/commands/initiator.ts";
export { autoLock, type AutoLockOptions } from "./src/node/auto_lock.ts";
export type { BackupState } from "./src/node/backups.ts";
export type { RolledBack } from "./src/cluster/rollback/restoration.ts";
export type { Readiness } from "./src/cluster/commands/party.ts";
export {
  formatRoster,
  parseRoster,
  type Right,
  type Roster,
  type RosterPeer,
  signRoster,
} from "./src/cluster/roster/roster.ts";
export { createNode } from "./src/node/create.ts";
export type { NodeOptions } from "./src/node/options.ts";
export type { PeerStatus, QuorateNode } from "./src/node/api.ts";
export type {
  Certificate,
  CertificateKeeper,
  Channel,
  Clock,
  HandleOptions,
  Host,
  Identity,
  IdentitySecrets,
  Network,
  Random,
  Store,
  Topic,
  Transport,
  Verdict,
} from "./src/ports.ts";
export { memoryStore } from "./src/store/memory.ts";
export { bitcoinAddress, childKey, ethereumAddress, verify } from "./src/node/verify.ts";
