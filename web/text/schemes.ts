/**
 * The page's table of signature schemes: names, and what its forms and sentences ask about one.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Bip340Options, outputAddress } from "../../src/schemes/bip340.ts";
import type { SigningOptions } from "../../src/schemes/schemes.ts";
import type { ClaimedHash, DigestHash } from "../node/node_port.ts";
import type { Verdict } from "../state/sessions.ts";
import { list } from "./names.ts";

/** One option of a signature, to be read. */
export interface OptionLine {
  label: string;
  text: string;
}

/** A hash of a message before it is signed, or none; of a digest, also one that is not known here. */
export type HashChoice = ClaimedHash | "none";

/** The texts and questions of one scheme. */
export interface SchemeText {
  name: string;
  /** The name where there is room to say which variant. */
  title: string;
  /** Whether a new wallet has a key of this scheme if nobody chooses otherwise: each key is one more approval. */
  usual: boolean;
  /** The choices for hashing a message, the default first; empty if there is nothing to choose. */
  hashes: readonly (DigestHash | "none")[];
  /** Whether a digest can be signed. */
  digests: boolean;
  /** Whether the key can sign as a Taproot output of it. */
  outputs: boolean;
  /** Whether the page offers to sign with a child of the key. */
  children: boolean;
  /** The options of a signature, and what they make of the key. `publicKey`: what the signature verifies under. */
  options(options: SigningOptions[Scheme], publicKey: Uint8Array): readonly OptionLine[];
  /** The scheme's name in WebCrypto, for an independent check; null if browsers do not support it. */
  webCrypto: string | null;
  /** The result of this page's check of a signature. */
  checked: Readonly<Record<"verified" | "wrong" | "unsupported", string>>;
}

/** The lines on the signing key: the key as it is, or the output key of a Taproot output and its scripts. */
function taprootLines({ merkleRoot }: Bip340Options, publicKey: Uint8Array): readonly OptionLine[] {
  if (merkleRoot === null) return [{ label: "Signs as", text: "the key as it is, no Taproot output" }];
  const scripts = merkleRoot.length === 0
    ? { label: "Its scripts", text: "none: only the key can spend it (BIP-86)" }
    : { label: "Root of its scripts", text: `${merkleRoot.toHex()}: scripts can spend it, too` };
  return [
    { label: "Signs as", text: "a Taproot output of the key: what spends its coins" },
    { label: "Address of the output", text: outputAddress(publicKey) },
    { label: "Key of the output", text: publicKey.toHex() },
    scripts,
  ];
}

/** The choices for the hash of a message, or of a digest, the default first. */
export function hashesFor(scheme: Scheme, of: "message" | "digest"): readonly HashChoice[] {
  const { hashes } = schemeTexts[scheme];
  return of === "digest" ? [...hashes, "other"] : hashes;
}

/** The schemes, the default first. */
export const schemeTexts: Readonly<Record<Scheme, SchemeText>> = {
  ed25519: {
    name: "Ed25519",
    title: "Ed25519",
    usual: true,
    hashes: [],
    digests: false,
    outputs: false,
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
    hashes: ["sha256", "sha256d", "keccak256"],
    digests: true,
    outputs: false,
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
    hashes: ["none", "sha256"],
    digests: false,
    outputs: true,
    children: true,
    options: (options, publicKey) => "merkleRoot" in options ? taprootLines(options, publicKey) : [],
    webCrypto: null,
    checked: {
      verified: "✓ Verified in this page, under the key below",
      wrong: "✗ This page finds that this signature is wrong. Do not use it.",
      unsupported: "This page cannot check it; the node did.",
    },
  },
};

/**
 * The result of this page's check of the signatures of a request, or a sentence while there is none.
 *
 * @param count The number of signatures.
 */
export function checkedText(scheme: Scheme, verdict: Verdict | null, count: number): string {
  const { checked, webCrypto } = schemeTexts[scheme];
  const them = count === 1 ? "it" : "them";
  if (verdict === null) return `Your browser is verifying ${them}…`;
  if (count === 1) return checked[verdict.is];
  switch (verdict.is) {
    case "verified":
      return `✓ All ${count} verified in this page${
        webCrypto === null ? "" : ` by your browser's own ${webCrypto}`
      }`;
    case "wrong":
      return `✗ This page finds that ${wrongOnes(verdict.wrong, count)} wrong. Do not use any of them.`;
    case "unsupported":
      return webCrypto === null
        ? "This page cannot check them; the node did."
        : "This browser cannot check them by itself; the node did.";
    default:
      return verdict.is satisfies never;
  }
}

/** More wrong signatures than this are counted, not listed. */
const listed = 8;

function wrongOnes(wrong: readonly number[], count: number): string {
  if (wrong.length === 0) return "their number is";
  if (wrong.length > listed) return `${wrong.length} of ${count} signatures are`;
  const numbers = list(wrong.map((item) => String(item + 1)));
  return wrong.length === 1 ? `signature ${numbers} of ${count} is` : `signatures ${numbers} of ${count} are`;
}

/** All schemes, the default first. */
export const allSchemes: readonly Scheme[] = Object.keys(schemeTexts) as Scheme[];

/** The scheme that goes without saying. */
export const defaultScheme: Scheme = allSchemes[0]!;
