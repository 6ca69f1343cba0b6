/**
 * An identity whose secrets can be let go of and given back, while it goes on signing as the same peer.
 * @module
 */
import { equal, hash } from "../crypto/codec.ts";
import { InputError, SessionError } from "../errors.ts";
import type { Identity, IdentitySecrets } from "../ports.ts";

/** An {@linkcode Identity} that can forget its secrets. */
export interface HeldIdentity extends Identity {
  /** @throws {SessionError} `store-locked`, while they are forgotten. */
  secrets(): IdentitySecrets;
  /** Lets go of the secrets. A script can do no more: the engine frees the storage key's text when it likes. */
  forget(): void;
  /** @throws {InputError} `identity`, if these are another's. */
  remember(secrets: IdentitySecrets): void;
}

/** 32 bytes that tell these secrets from all others, and nothing of them: they are 512 random bits. */
const mark = ({ peerSeed, storageKey }: IdentitySecrets) =>
  hash("quorate/1/held-secrets", peerSeed, storageKey);

const copied = ({ peerSeed, storageKey }: IdentitySecrets) => ({ peerSeed: peerSeed.slice(), storageKey });

/** Takes over `identity`: whoever gave it keeps no reference to it, or its secrets stay with them. */
export function heldIdentity({ peer, sign, verify, secrets }: Identity): HeldIdentity {
  let held: IdentitySecrets | null = copied(secrets());
  const known = mark(held);
  return {
    peer,
    sign,
    verify,
    secrets() {
      if (held === null) throw new SessionError("store-locked");
      return copied(held);
    },
    forget() {
      held?.peerSeed.fill(0);
      held = null;
    },
    remember(secrets) {
      if (!equal(mark(secrets), known)) {
        throw new InputError("identity", `expected the secrets of ${peer}, found another's`);
      }
      held = copied(secrets);
    },
  };
}
