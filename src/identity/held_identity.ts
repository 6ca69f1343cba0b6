/**
 * An identity whose secrets can be wiped and given back, while it goes on signing as the same peer.
 * @module
 */
import { equal, hash } from "../crypto/codec.ts";
import { InputError, SessionError } from "../errors.ts";
import type { Identity, IdentitySecrets } from "../ports.ts";

/** An {@linkcode Identity} that can forget its secrets. */
export interface HeldIdentity extends Identity {
  /** @throws {SessionError} `store-locked`, while the secrets are forgotten. */
  secrets(): IdentitySecrets;
  /**
   * Wipes the seed and drops the storage key, a text that the engine frees later: JavaScript cannot wipe it.
   */
  forget(): void;
  /** Takes the secrets back. @throws {InputError} `identity`, if they are another identity's. */
  remember(secrets: IdentitySecrets): void;
}

/** A hash by which the secrets are recognised, 32 bytes. It reveals nothing: they are 512 random bits. */
const mark = ({ peerSeed, storageKey }: IdentitySecrets) =>
  hash("quorate/1/held-secrets", peerSeed, storageKey);

const copied = ({ peerSeed, storageKey }: IdentitySecrets) => ({ peerSeed: peerSeed.slice(), storageKey });

/** Takes over `identity`. The caller must drop its own reference, or the secrets stay in memory. */
export function heldIdentity({ peer, sign, verify, secrets }: Identity): HeldIdentity {
  let kept: IdentitySecrets | null = copied(secrets());
  const known = mark(kept);
  return {
    peer,
    sign,
    verify,
    secrets() {
      if (kept === null) throw new SessionError("store-locked");
      return copied(kept);
    },
    forget() {
      kept?.peerSeed.fill(0);
      kept = null;
    },
    remember(secrets) {
      if (!equal(mark(secrets), known)) {
        throw new InputError("identity", `expected the secrets of ${peer}, found another's`, {
          code: "foreign",
        });
      }
      kept = copied(secrets);
    },
  };
}
