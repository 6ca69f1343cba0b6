/**
 * The names that others give to a public key: addresses of Bitcoin, Ethereum and Solana, BIP-32's extended key, and
 * the line of OpenSSH.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { base58, base64, bech32, bech32m } from "@scure/base";
import { HDKey } from "@scure/bip32";
import { InputError } from "../errors.ts";

/** A Bitcoin network. Testnet and signet have the same addresses. */
export type BitcoinNetwork = "mainnet" | "testnet" | "signet" | "regtest";

/** The prefixes of addresses (BIP-173) and the version bytes of extended keys (BIP-32). */
const networks: Readonly<
  Record<BitcoinNetwork, { prefix: string; versions: { public: number; private: number } }>
> = {
  mainnet: { prefix: "bc", versions: { public: 0x0488b21e, private: 0x0488ade4 } },
  testnet: { prefix: "tb", versions: { public: 0x043587cf, private: 0x04358394 } },
  signet: { prefix: "tb", versions: { public: 0x043587cf, private: 0x04358394 } },
  regtest: { prefix: "bcrt", versions: { public: 0x043587cf, private: 0x04358394 } },
};

/** @throws {InputError} `network` */
function networkNamed(name: BitcoinNetwork): typeof networks[BitcoinNetwork] {
  if (Object.hasOwn(networks, name)) return networks[name];
  throw new InputError("network", `expected one of ${Object.keys(networks).join(", ")}, found ${name}`);
}

/**
 * The address of a witness program (BIP-141): version 0 in bech32 (BIP-173), version 1 in bech32m (BIP-350).
 *
 * @throws {InputError} `network`
 */
export function witnessAddress(version: 0 | 1, program: Uint8Array, network: BitcoinNetwork): string {
  const { prefix } = networkNamed(network);
  const encoding = version === 0 ? bech32 : bech32m;
  return encoding.encode(prefix, [version, ...encoding.toWords(program)]);
}

/** SHA-256 and then RIPEMD-160 of a public key, 20 bytes: the program of P2WPKH, and BIP-32's identifier. */
export const hash160 = (publicKey: Uint8Array): Uint8Array => ripemd160(sha256(publicKey));

/** Coordinates of a point, uncompressed (SEC1 §2.3.3), without the prefix: 64 bytes. */
const coordinates = (publicKey: Uint8Array) => secp256k1.Point.fromBytes(publicKey).toBytes(false).slice(1);

/**
 * An Ethereum address: the last 20 bytes of Keccak-256 over the key's coordinates, with the checksum of
 * EIP-55.
 *
 * @param publicKey 33 bytes, compressed.
 * @throws {Error} For bytes that are no point.
 */
export function accountAddress(publicKey: Uint8Array): `0x${string}` {
  const digits = keccak_256(coordinates(publicKey)).slice(-20).toHex();
  const checksum = keccak_256(new TextEncoder().encode(digits)).toHex();
  const marked = [...digits].map((digit, i) => checksum[i]! >= "8" ? digit.toUpperCase() : digit);
  return `0x${marked.join("")}`;
}

/** A Solana address: the key itself in base58. @param publicKey 32 bytes. */
export const base58Address = (publicKey: Uint8Array): string => base58.encode(publicKey);

/**
 * The extended public key of BIP-32 of a key that has no parent, or of its child.
 *
 * @param publicKey 33 bytes, compressed.
 * @param path Non-hardened indices.
 * @throws {InputError} `network`
 */
export function extendedKey(
  { publicKey, chainCode }: { readonly publicKey: Uint8Array; readonly chainCode: Uint8Array },
  path: readonly number[],
  network: BitcoinNetwork,
): string {
  const { versions } = networkNamed(network);
  const root = new HDKey({ versions, publicKey, chainCode });
  return path.reduce((key, index) => key.deriveChild(index), root).publicExtendedKey;
}

/**
 * An Ed25519 key as OpenSSH writes it (RFC 8709 §4), without a comment.
 *
 * @param publicKey 32 bytes.
 */
export function openSshKey(publicKey: Uint8Array): string {
  const type = "ssh-ed25519";
  const parts = [new TextEncoder().encode(type), publicKey];
  const strings = parts.map((bytes) => concatBytes(Uint8Array.of(0, 0, 0, bytes.length), bytes)); // RFC 4251 §5
  return `${type} ${base64.encode(concatBytes(...strings))}`;
}
