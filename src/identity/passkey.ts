/**
 * Passkeys that encrypt: WebAuthn with its PRF extension, in the format that `age-encryption` writes into an
 * age file (`age-plugin-fido2prf`). This is encryption, not a login: without the passkey, the file does not
 * open.
 * @module
 */
import { type Identity, type Recipient, webauthn } from "age-encryption";
import { InputError } from "../errors.ts";

/** The passkeys of a browser. Each operation asks the person. */
export interface Passkeys {
  /** Makes a passkey. @returns Its handle, by which it is found again; not secret. */
  create(name: string): Promise<string>;
  /** An age recipient that encrypts with a passkey. */
  recipient(credential: string): Recipient;
  /** An age identity that decrypts with a passkey. */
  identity(credential: string): Identity;
}

/**
 * The passkeys of this browser. They need a page with a domain name, by https or on `localhost`: no IP
 * address.
 */
export const browserPasskeys: Passkeys = {
  create: (keyName) => webauthn.createCredential({ keyName }),
  recipient: (identity) => new webauthn.WebAuthnRecipient({ identity }),
  identity: (identity) => new webauthn.WebAuthnIdentity({ identity }),
};

/** The same passkeys, with every error turned into an {@linkcode InputError} `passkey`. */
export function explained(passkeys: Passkeys): Passkeys {
  return {
    create: (name) => withReason(() => passkeys.create(name)),
    recipient: (credential) => ({
      wrapFileKey: (fileKey) =>
        withReason(async () => await passkeys.recipient(credential).wrapFileKey(fileKey)),
    }),
    identity: (credential) => ({
      unwrapFileKey: (stanzas) =>
        withReason(async () => await passkeys.identity(credential).unwrapFileKey(stanzas)),
    }),
  };
}

async function withReason<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new InputError("passkey", problem(cause), { cause });
  }
}

function problem(cause: unknown): string {
  if (cause instanceof DOMException && (cause.name === "NotAllowedError" || cause.name === "AbortError")) {
    return "expected it to be allowed, found that it was refused, is not here, or nobody answered in time";
  }
  if (cause instanceof Error && !(cause instanceof DOMException) && cause.message.includes("PRF")) {
    return "expected one that can encrypt (WebAuthn PRF), found one that cannot: use a passphrase";
  }
  return "expected a browser and a page that can use passkeys (https or localhost), found otherwise: use a passphrase";
}
