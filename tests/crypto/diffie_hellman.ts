/**
 * The Diffie-Hellman of servers, by node:crypto: eight times as fast as the portable one. Not a test by itself.
 * @module
 */
import { createECDH } from "node:crypto";
import { nativeDiffieHellman } from "../../src/crypto/dkls/diffie_hellman.ts";

export const diffieHellman = nativeDiffieHellman(createECDH);
