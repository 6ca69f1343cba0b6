/**
 * The ports: everything that is injected. Adapters implement them; the layers between know nothing else of
 * the outside.
 * @module
 */
export type { Clock, Random } from "./ports/clock.ts";
export type { Identity, IdentitySecrets, Passphrases } from "./ports/identity.ts";
export type {
  Channel,
  HandleOptions,
  Host,
  Network,
  TlsCertificate,
  TlsCertificateKeeper,
  Topic,
  Transport,
  Verdict,
} from "./ports/network.ts";
export type {
  Envelope,
  Incoming,
  Progress,
  RunIo,
  SessionErrorLike,
  Statement,
  Wire,
} from "./ports/session.ts";
export type { Store } from "./ports/store.ts";
export type { WorkerFault, WorkerLike } from "./ports/worker.ts";
export type {
  Agreed,
  Consent,
  ConsentUse,
  DrawnTask,
  GuardedVault,
  Outcome,
  Protocol,
  PublicKeyPackage,
  SigningItem,
  Task,
  Vault,
} from "./ports/vault.ts";
