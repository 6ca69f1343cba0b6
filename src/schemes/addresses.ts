/**
 * The addresses of keys and of their children. Each helper checks the scheme, so that no coin is sent to an
 * address that the key cannot sign for.
 * @module
 */
import {
  accountAddress,
  base58Address,
  type BitcoinNetwork,
  extendedKey,
  hash160,
  openSshKey,
  witnessAddress,
} from "../crypto/address.ts";
import { npubOf } from "../crypto/bip340/nostr.ts";
import { type MerkleRoot, taprootAddress } from "../crypto/bip340/taproot.ts";
import { InputError } from "../errors.ts";
import type { Scheme } from "../events.ts";
import { maxNote } from "../limits.ts";
import { wrongRemark } from "../text/remark.ts";
import { checkPath } from "./sign_fields.ts";
import { taprootOutputKey } from "./taproot_key.ts";

/** A key or a child key, as `keys()` and `childKey` return it. */
export interface AddressedKey {
  /** The scheme decides which addresses there are. */
  readonly scheme: Scheme;
  /** 32 bytes on Curve25519; 33 on secp256k1, compressed. */
  readonly publicKey: Uint8Array;
}

/** The choice of a Bitcoin address. */
export interface BitcoinAddressOptions {
  /** The network whose coins it receives. */
  readonly network: BitcoinNetwork;
  /** P2WPKH (BIP-84) for an `ecdsa` key, P2TR (BIP-86) for a `bip340` key; by default that of the key. */
  readonly type?: "p2wpkh" | "p2tr";
  /** Of P2TR: the root of the scripts that can spend too (BIP-341), 32 bytes; by default there are none. */
  readonly merkleRoot?: MerkleRoot;
}

const typeOf: Partial<Record<Scheme, "p2wpkh" | "p2tr">> = { ecdsa: "p2wpkh", bip340: "p2tr" };

/** @throws {InputError} `scheme` */
function require(key: AddressedKey, ...schemes: Scheme[]): void {
  if (!schemes.includes(key.scheme)) {
    throw new InputError("scheme", `expected ${schemes.join(" or ")}, found ${key.scheme}`);
  }
}

/**
 * The Bitcoin address of a key or a child key.
 *
 * @throws {InputError} `scheme`, `network` or `merkleRoot`; `type`, if the key cannot sign for it.
 */
export function bitcoinAddress(
  key: AddressedKey,
  { network, type, merkleRoot }: BitcoinAddressOptions,
): string {
  require(key, "ecdsa", "bip340");
  const usual = typeOf[key.scheme]!;
  if (type !== undefined && type !== usual) {
    throw new InputError("type", `expected ${usual} for a key for ${key.scheme}, found ${type}`);
  }
  if (usual === "p2tr") {
    const root = { ...key, chainCode: new Uint8Array(32) }; // no child is derived
    return taprootAddress(taprootOutputKey(root, merkleRoot === undefined ? {} : { merkleRoot }), network);
  }
  if (merkleRoot !== undefined) throw new InputError("merkleRoot", "expected none for p2wpkh, found one");
  return witnessAddress(0, hash160(key.publicKey), network);
}

/** The Ethereum address of an `ecdsa` key, with the checksum of EIP-55. @throws {InputError} `scheme` */
export function ethereumAddress(key: AddressedKey): `0x${string}` {
  require(key, "ecdsa");
  return accountAddress(key.publicKey);
}

/** The Solana address of an `ed25519` key: its 32 bytes in base58. @throws {InputError} `scheme` */
export function solanaAddress(key: AddressedKey): string {
  require(key, "ed25519");
  return base58Address(key.publicKey);
}

/** A `bip340` key as Nostr shows it (NIP-19): 63 characters. @throws {InputError} `scheme` */
export function npub(key: AddressedKey): string {
  require(key, "bip340");
  return npubOf(key.publicKey);
}

/**
 * The extended public key of BIP-32 (`xpub…`, on test networks `tpub…`): a wallet that only watches derives
 * the same children from it. The key has no parent, so the key itself is at depth 0.
 *
 * @param path Of a child, non-hardened.
 * @throws {InputError} `scheme`, unless it is `ecdsa` or `bip340`; `network` or `path`.
 */
export function xpub(
  key: AddressedKey & { readonly chainCode: Uint8Array },
  { network, path = [] }: { network: BitcoinNetwork; path?: readonly number[] },
): string {
  require(key, "ecdsa", "bip340");
  checkPath(path);
  return extendedKey(key, path, network);
}

/**
 * An `ed25519` key as a line of OpenSSH, for `authorized_keys`, `allowed_signers` and the like.
 *
 * @param comment Up to 256 visible characters on one line.
 * @throws {InputError} `scheme` or `comment`
 */
export function sshPublicKey(key: AddressedKey, comment = ""): string {
  require(key, "ed25519");
  const wrong = wrongRemark(comment, maxNote);
  if (wrong !== null) throw new InputError("comment", wrong);
  return `${openSshKey(key.publicKey)} ${comment}`.trimEnd();
}
