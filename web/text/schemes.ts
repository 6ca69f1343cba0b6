/**
 * The page's table of signature schemes: names, and what its forms and sentences ask about one.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { outputAddress } from "../../src/schemes/bip340.ts";
import type { SigningOptions } from "../../src/schemes/schemes.ts";

/** One option of a signature, to be read. */
export interface OptionLine {
  label: string;
  text: string;
}

/** The texts and questions of one scheme. */
export interface SchemeText {
  name: string;
  /** The name where there is room to say which variant. */
  title: string;
  /** Whether a new wallet has a key of this scheme if nobody chooses otherwise: each key is one more approval. */
  usual: boolean;
  /** Whether a message is hashed by a function that the person chooses; then a digest can be signed too. */
  hashes: boolean;
  /** Whether the page offers to sign with a child of the key. */
  children: boolean;
  /** The options of a signature, and what they make of the key. `publicKey`: what the signature verifies under. */
  options(options: SigningOptions[Scheme], publicKey: Uint8Array): readonly OptionLine[];
  /** The scheme's name in WebCrypto, for an independent check; null if browsers do not support it. */
  webCrypto: string | null;
  /** The result of this page's check of a signature. */
  checked: Readonly<Record<"verified" | "wrong" | "unsupported", string>>;
}

/** The schemes, the default first. */
export const schemeTexts: Readonly<Record<Scheme, SchemeText>> = {
  ed25519: {
    name: "Ed25519",
    title: "Ed25519",
    usual: true,
    hashes: false,
    children: false,
    options: () => [],
    webCrypto: "Ed25519",
    checked: {
      verified: "✓ Verified in this page by your browser's own Ed25519",
      wrong: "✗ Your browser's own Ed25519 says that this signature is wrong. Do not use it.",
      unsupported: "This browser cannot check it by itself; the node did.",
    },
  },
  ecdsa: {
    name: "ECDSA",
    title: "ECDSA (secp256k1)",
    usual: true,
    hashes: true,
    children: true,
    options: () => [],
    webCrypto: null,
    checked: {
      verified: "✓ Verified in this page, under the key below",
      wrong: "✗ This page finds that this signature is wrong. Do not use it.",
      unsupported: "This page cannot check it; the node did.",
    },
  },
  bip340: {
    name: "BIP-340",
    title: "BIP-340 (Taproot, Nostr)",
    usual: false,
    hashes: false,
    children: true,
    options: (options, publicKey) => {
      if (!("merkleRoot" in options) || options.merkleRoot === null) return [];
      const scripts = options.merkleRoot.length === 0
        ? "none (BIP-86)"
        : `with root ${options.merkleRoot.toHex()}`;
      return [
        { label: "Taproot output", text: outputAddress(publicKey) },
        { label: "Its scripts", text: scripts },
      ];
    },
    webCrypto: null,
    checked: {
      verified: "✓ Verified in this page, under the key below",
      wrong: "✗ This page finds that this signature is wrong. Do not use it.",
      unsupported: "This page cannot check it; the node did.",
    },
  },
};

/** All schemes, the default first. */
export const allSchemes: readonly Scheme[] = Object.keys(schemeTexts) as Scheme[];

/** The scheme that goes without saying. */
export const defaultScheme: Scheme = allSchemes[0]!;
