/**
 * The ciphers of noise, for runtimes that lack the one it needs.
 * @module
 */
import { type ICryptoInterface, pureJsCrypto } from "@libp2p/noise";

/**
 * The ciphers to give to noise; undefined for its own, which are native on servers.
 *
 * @param ciphers The ciphers of `node:crypto`. Those of Bun lack `chacha20-poly1305`, and noise finds out only at its first
 * long message, which ends the connection.
 */
export const noiseCrypto = (ciphers: readonly string[]): ICryptoInterface | undefined =>
  ciphers.includes("chacha20-poly1305") ? undefined : pureJsCrypto;
