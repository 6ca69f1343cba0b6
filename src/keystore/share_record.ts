/**
 * A share at rest: one canonical record, encrypted with age to its peer's storage key, so that the stock `age` tool
 * opens a backup. What a share belongs to lies inside with it; and since age does not say who wrote a file, all of it
 * is held against the certified key before the share is used.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, equal, list, peerId, record, uint, walletName } from "../crypto/codec.ts";
import { groups } from "../crypto/group.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxParties } from "../limits.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { decryptWith, encryptTo } from "./age.ts";

const shareRecord = record("quorate/1/share", {
  peer: peerId,
  wallet: walletName,
  curve: v.picklist(["ed25519", "secp256k1"]),
  epoch: uint,
  threshold: uint,
  members: list(peerId, maxParties),
  publicKey: bytesUpTo(33),
  verifyingShares: list(bytesUpTo(33), maxParties),
  chainCode: bytes(32),
  identifier: uint,
  session: bytes(32),
  share: bytes(32),
});

/** What a share is bound to. */
export interface ShareOf {
  /** Whose it is. */
  peer: PeerId;
  key: PublicKeyPackage;
}

function encode({ peer, key }: ShareOf, session: Uint8Array, share: Uint8Array): Uint8Array {
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
 * @param session The session that made it, 32 bytes.
 * @param share A scalar, 32 bytes; the caller wipes it.
 * @returns A binary age file of about 1 kB.
 */
export async function sealShare(
  storageKey: string,
  of: ShareOf,
  { session, share }: { session: Uint8Array; share: Uint8Array },
): Promise<Uint8Array> {
  const plain = encode(of, session, share);
  try {
    shareRecord.decode(plain); // what cannot be read back must not pass for saved
    return await encryptTo(storageKey, plain);
  } finally {
    plain.fill(0);
  }
}

/** A share in the open. Leaving its scope wipes it. */
export interface OpenShare extends Disposable {
  /** A scalar, 32 bytes. */
  readonly share: Uint8Array;
}

/**
 * Decrypts a share and holds it against `of.key`: every field it is bound to must be the same, and share · G must be
 * the verifying share of its peer.
 *
 * @throws {SessionError} `share-corrupt` if anything of that is not so, or the file does not open.
 */
export async function openShare(storageKey: string, of: ShareOf, sealed: Uint8Array): Promise<OpenShare> {
  let plain: Uint8Array | null = null;
  let share: Uint8Array | null = null;
  try {
    plain = await decryptWith(storageKey, sealed);
    const found = shareRecord.decode(plain);
    share = found.share.slice();
    verify(of, plain, found.session, share);
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
function verify(of: ShareOf, found: Uint8Array, session: Uint8Array, share: Uint8Array): void {
  // The encoding is canonical: the same bytes, the same fields.
  const expected = encode(of, session, share);
  const same = equal(expected, found);
  expected.fill(0);
  if (!same) throw new Error("Cannot use share: it is bound to another key");
  const { curve, members, verifyingShares } = of.key;
  const group = groups[curve];
  const verifyingShare = verifyingShares[members.indexOf(of.peer)];
  const inPublic = group.encodeElement(group.multiplyBase(group.decodeScalar(share)));
  if (verifyingShare === undefined || !equal(inPublic, verifyingShare)) {
    throw new Error("Cannot use share: it does not give its verifying share");
  }
}
