/**
 * A share at rest: one canonical record, encrypted with age to its peer's storage key, so that the stock
 * `age` tool can open it. The record also says which key the share belongs to; since age does not show who
 * wrote a file, all of it is compared with the certified key before the share is used.
 * @module
 */
import { bytes, equal, peerId, record, uint } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { storedSchemes } from "../schemes/stored/stored.ts";
import { decryptWith, encryptTo } from "../crypto/age/records.ts";
import { packageFields } from "./public_key_record.ts";

const shareRecord = record("quorate/3/share", {
  peer: peerId,
  ...packageFields,
  identifier: uint,
  session: bytes(32),
  share: bytes(32),
});

/** The holder and the key that a share is bound to. */
export interface ShareOf {
  /** The holder of the share. */
  peer: PeerId;
  key: PublicKeyPackage;
  /** The key's id: the session that made it, 32 bytes. */
  session: Uint8Array;
}

function encode({ peer, key, session }: ShareOf, share: Uint8Array): Uint8Array {
  const identifier = key.members.indexOf(peer) + 1;
  const { members, verifyingShares } = key;
  return shareRecord.encode({
    ...key,
    members: [...members],
    verifyingShares: [...verifyingShares],
    peer,
    identifier,
    session,
    share,
  });
}

/**
 * Encrypts a share to its peer's storage key.
 *
 * @param storageKey An age identity, `AGE-SECRET-KEY-1…`.
 * @param share A scalar, 32 bytes; the caller wipes it.
 * @returns A binary age file of about 1 kB.
 */
export async function sealShare(storageKey: string, of: ShareOf, share: Uint8Array): Promise<Uint8Array> {
  const plain = encode(of, share);
  try {
    shareRecord.decode(plain); // an unreadable share must not count as saved
    return await encryptTo(storageKey, plain);
  } finally {
    plain.fill(0);
  }
}

/** A decrypted share. Leaving its scope wipes it. */
export interface OpenShare extends Disposable {
  /** A scalar, 32 bytes. */
  readonly share: Uint8Array;
}

/**
 * Decrypts a share and compares it with `of`: every field that it is bound to must be the same, also the id of its
 * key, and share · G must be the verifying share of its peer.
 *
 * @throws {SessionError} `share-corrupt` if the file does not open, or the share fails a check.
 */
export async function openShare(storageKey: string, of: ShareOf, sealed: Uint8Array): Promise<OpenShare> {
  let plain: Uint8Array | null = null;
  let share: Uint8Array | null = null;
  try {
    plain = await decryptWith(storageKey, sealed);
    share = shareRecord.decode(plain).share.slice();
    verify(of, plain, share);
  } catch (cause) {
    share?.fill(0);
    throw new SessionError("share-corrupt", { cause });
  } finally {
    plain?.fill(0);
  }
  const opened = share;
  return { share: opened, [Symbol.dispose]: () => void opened.fill(0) };
}

/** @throws {Error} */
function verify(of: ShareOf, found: Uint8Array, share: Uint8Array): void {
  // The encoding is canonical: equal bytes mean equal fields.
  const expected = encode(of, share);
  const same = equal(expected, found);
  expected.fill(0);
  if (!same) throw new Error("Cannot use share: it is bound to another key");
  const { scheme, members, verifyingShares } = of.key;
  const verifyingShare = verifyingShares[members.indexOf(of.peer)];
  const publicShare = storedSchemes[scheme].verifyingShareOf(share);
  if (verifyingShare === undefined || !equal(publicShare, verifyingShare)) {
    throw new Error("Cannot use share: it does not give its verifying share");
  }
}
