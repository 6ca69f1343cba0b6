/**
 * Quorate: threshold signing among peers, in browsers, Deno, Node and Bun.
 *
 * Importing it opens nothing and uses neither `Deno` nor `node:`. The only globals that it changes are those of JavaScript's
 * library that an older browser lacks (`src/platform/polyfills.ts`). Platforms have their own entry points:
 * `@quorate/quorate/server` and `@quorate/quorate/browser`.
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
  Scheme,
  SessionEvent,
  SessionId,
  View,
  Warning,
  Work,
} from "./src/events.ts";
export { explain, type Explanation } from "./src/explain.ts";
export {
  ChannelError,
  type FailureDetail,
  InputError,
  type InputErrorCode,
  SessionError,
  StoreError,
} from "./src/errors.ts";
export {
  type Claim,
  type ClockDifference,
  type Explainable,
  type FailureCode,
  type FailureRow,
  failures,
  type Id,
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
export { type FailureAliases, failureAliases } from "./src/failures/aliases.ts";
export { identityFrom } from "./src/identity/identity.ts";
export { newIdentity } from "./src/node/identities.ts";
export type { FourWords } from "./src/identity/four_words.ts";
export { defaultLimits, type Limits } from "./src/limits.ts";
export type {
  BatchRequest,
  KeyChoice,
  KeyName,
  KeyRequest,
  RequestLabels,
  ReshareRequest,
  SigningChoice,
  SignRequest,
} from "./src/cluster/records/key_name.ts";
export { isFault, isTerminal } from "./src/events.ts";
export type { Session } from "./src/cluster/commands/handle.ts";
export type {
  ItemInput,
  Signature,
  Signatures,
  SigningOptions,
  SignInput,
  SignInputs,
} from "./src/schemes/schemes.ts";
export type { Bip340Input, Bip340Options, Bip340Signature } from "./src/schemes/bip340.ts";
export type { EcdsaInput, EcdsaSignature } from "./src/schemes/ecdsa.ts";
export type { Ed25519Input, Ed25519Signature } from "./src/schemes/ed25519.ts";
export type { Ban } from "./src/cluster/records/ban_record.ts";
export type { Quarantine } from "./src/cluster/keys/frozen.ts";
export type { PairRefusal } from "./src/cluster/keys/refusals.ts";
export type { NoOptions } from "./src/schemes/scheme.ts";
export type { ClaimedHash, DigestHash } from "./src/crypto/ecdsa/signature.ts";
export type { Admit, JoinRequest } from "./src/cluster/roster/admission/join_request.ts";
export type { InviteOptions, OpenInvite } from "./src/cluster/roster/admission/invites.ts";
export {
  formatInvitation,
  type Invitation,
  InvitationError,
  type InvitationProblem,
  parseInvitation,
} from "./src/cluster/roster/admission/invitation_link.ts";
export type { PastEpoch } from "./src/cluster/keys/epochs/epochs.ts";
export type { GroupKey, UnfinishedKey } from "./src/cluster/keys/group_key.ts";
export type {
  Approval,
  ApprovalRequest,
  Approve,
  GenerateRequest,
  RequestCommon,
  RequestedItem,
  ReshareRequested,
  SigningRequest,
} from "./src/cluster/commands/consent/approval.ts";
export type { RequestOptions } from "./src/cluster/commands/initiator.ts";
export { autoLock, type AutoLockOptions } from "./src/node/auto_lock.ts";
export type { BackupState } from "./src/node/backups.ts";
export type { RolledBack } from "./src/cluster/rollback/restoration.ts";
export type { Readiness } from "./src/cluster/commands/party.ts";
export {
  formatRoster,
  parseRoster,
  type Roster,
  type RosterPeer,
  signRoster,
} from "./src/cluster/roster/roster.ts";
export type { Right } from "./src/cluster/records/rights.ts";
export { createNode } from "./src/node/create.ts";
export type { NodeOptions } from "./src/node/options.ts";
export type { PeerStatus, QuorateNode, Waiting } from "./src/node/api.ts";
export type { PastOutcome } from "./src/node/assembly/past_outcome.ts";
export type { ReadyOptions } from "./src/node/assembly/ready.ts";
export type {
  Channel,
  Clock,
  HandleOptions,
  Host,
  Identity,
  IdentitySecrets,
  Network,
  Random,
  Store,
  TlsCertificate,
  TlsCertificateKeeper,
  Topic,
  Transport,
  Verdict,
  WorkerFault,
  WorkerLike,
} from "./src/ports.ts";
export { memoryStore } from "./src/store/memory.ts";
export type { BitcoinNetwork } from "./src/crypto/address.ts";
export type { MerkleRoot } from "./src/crypto/bip340/taproot.ts";
export {
  type NostrEvent,
  nostrEvent,
  nostrEventId,
  nostrEventMessage,
  type NostrEventTemplate,
} from "./src/crypto/bip340/nostr.ts";
export { type TaprootChoice, taprootOutputKey } from "./src/schemes/taproot_key.ts";
export {
  type AddressedKey,
  bitcoinAddress,
  type BitcoinAddressOptions,
  ethereumAddress,
  npub,
  solanaAddress,
  sshPublicKey,
  xpub,
} from "./src/schemes/addresses.ts";
export { childKey, verify } from "./src/node/verify.ts";
