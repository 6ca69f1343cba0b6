/**
 * Passkeys that encrypt: WebAuthn with its PRF extension, as `age-encryption` puts it into an age file
 * (`age-plugin-fido2prf`). Not a login: nobody checks a signature here, and without the passkey nothing opens.
 * @module
 */
import { type Identity, type Recipient, webauthn } from "age-encryption";
import { InputError } from "../errors.ts";

/** What a browser can do with passkeys; it asks the person each time. */
export interface Passkeys {
  /** Makes a passkey. @returns What finds it again: no secret. */
  create(name: string): Promise<string>;
  /** Encrypts with it. */
  recipient(credential: string): Recipient;
  /** Decrypts with it. */
  identity(credential: string): Identity;
}

/** Those of the browser. The page needs a domain of its own: https, or `localhost`; an IP address is none. */
export const browserPasskeys: Passkeys = {
  create: (keyName) => webauthn.createCredential({ keyName }),
  recipient: (identity) => new webauthn.WebAuthnRecipient({ identity }),
  identity: (identity) => new webauthn.WebAuthnIdentity({ identity }),
};

/** The same, and whatever goes wrong is an {@linkcode InputError} `passkey`. */
export function explained(passkeys: Passkeys): Passkeys {
  return {
    create: (name) => said(() => passkeys.create(name)),
    recipient: (credential) => ({
      wrapFileKey: (fileKey) => said(async () => await passkeys.recipient(credential).wrapFileKey(fileKey)),
    }),
    identity: (credential) => ({
      unwrapFileKey: (stanzas) =>
        said(async () => await passkeys.identity(credential).unwrapFileKey(stanzas)),
    }),
  };
}

async function said<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
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
