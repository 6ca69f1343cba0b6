/**
 * BIP-340 for anybody: Schnorr signatures on secp256k1, as Taproot and Nostr have them, made by FROST.
 * @module
 */
import { childOf } from "../crypto/bip32.ts";
import { npub } from "../crypto/bip340/nostr.ts";
import { liftX, verifyBip340, xOnly } from "../crypto/bip340/signature.ts";
import { tweakedFrostKey, tweakedKeyOf } from "../crypto/bip340/signing_key.ts";
import { type MerkleRoot, taprootAddress, taprootOutput } from "../crypto/bip340/taproot.ts";
import { tweakOptions } from "../crypto/bip340/tweak_options.ts";
import { digestOf } from "../crypto/ecdsa_signature.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { InputError } from "../errors.ts";
import { generating } from "../protocol/generate_messages.ts";
import { signingFrost } from "../protocol/sign_frost.ts";
import { isWrongFrostShare } from "./frost_share.ts";
import { toFields } from "./sign_fields.ts";
import type { KeyUse, Parent, ShareFacts, SignatureScheme } from "./scheme.ts";

/** A message for BIP-340, and what of the key signs it. */
export interface Bip340Input {
  /** 0 to 65,536 bytes; for a Taproot spend the 32 bytes of its sighash. */
  message: Uint8Array;
  /**
   * By default the message is signed as it is. `sha256`: its hash is, so that holders read a whole Nostr
   * event.
   */
  hash?: "sha256";
  /** BIP-340 signs no digests that are called one: a digest is a message. */
  digest?: undefined;
  /**
   * By default, and if null, the key or its child signs as it is, as for Nostr. Otherwise the output key of
   * its Taproot output signs: of one without scripts (BIP-86) for 0 bytes, or of one with this root of
   * scripts (BIP-341), 32 bytes.
   */
  merkleRoot?: Uint8Array | null;
}

/** A BIP-340 signature that verified under the key before it got here. */
export interface Bip340Signature {
  /** The scheme of its key. */
  scheme: "bip340";
  /** 64 bytes. */
  bytes: Uint8Array;
  /** The key that it verifies under: x of the key, of its child, or of the Taproot output; 32 bytes. */
  publicKey: Uint8Array;
}

/** The options of a BIP-340 signature. */
export interface Bip340Options {
  /** The input's; null if the key or its child signs as it is. */
  merkleRoot: Uint8Array | null;
}

const group = frostBip340.group;

function encodeOptions(merkleRoot: MerkleRoot | null): Uint8Array {
  if (merkleRoot === null) return tweakOptions.encode({ merkleRoot });
  if (!(merkleRoot instanceof Uint8Array) || (merkleRoot.length !== 0 && merkleRoot.length !== 32)) {
    const found = (merkleRoot as MerkleRoot).length ?? "something else";
    throw new InputError("merkleRoot", `expected 0 or 32 bytes, or null, found ${found}`);
  }
  return tweakOptions.encode({ merkleRoot: Uint8Array.from(merkleRoot) });
}

/** The key after the tweaks of its use, with an even y. @throws {InputError} `path`, `merkleRoot` */
export function tweakedFor(parent: Parent, { path, options }: KeyUse): ReturnType<typeof tweakedKeyOf> {
  return tweakedKeyOf(parent, { path, merkleRoot: tweakOptions.decode(options).merkleRoot });
}

/** The address of a Taproot output on the main network. @param outputKey x, 32 bytes. */
export const outputAddress = (outputKey: Uint8Array): string => taprootAddress(outputKey, "mainnet");

/** A key of 33 bytes for one of which x alone is known, 32 bytes. @throws {Error} If no point has this x. */
const whole = (parent: Parent): Parent =>
  parent.publicKey.length === 32 ? { ...parent, publicKey: liftX(parent.publicKey) } : parent;

/** @param publicKey Compressed, 33 bytes, or x alone, 32. */
function verify(publicKey: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean {
  const compressed = publicKey.length === 33 && (publicKey[0] === 2 || publicKey[0] === 3);
  return verifyBip340(compressed ? publicKey.subarray(1) : publicKey, payload, signature);
}

const isWrong = (facts: ShareFacts): boolean =>
  isWrongFrostShare(frostBip340, tweakedFrostKey(facts.key, tweakedFor(facts.key, facts)), facts);

/** BIP-340, without secrets. */
export const bip340: SignatureScheme<"bip340", Bip340Input, Bip340Signature, Bip340Options> = {
  id: "bip340",
  firstRound: { generate: generating.bip340.firstRound, sign: frostBip340.nonceCommitment },
  rounds: { generate: generating.bip340.rounds, sign: signingFrost.bip340 },
  pairwise: false,
  shares: { share: "share", isWrong },
  fieldsOf: ({ merkleRoot = null, ...input }) => ({
    ...toFields(input, "none"),
    options: encodeOptions(merkleRoot),
  }),
  checkFields({ hash, digest, options }) {
    if (hash !== "none" && hash !== "sha256") {
      throw new InputError("hash", `expected none or sha256 for bip340, found ${hash}`);
    }
    if (digest.length > 0) throw new InputError("digest", "expected a message for bip340, found a digest");
    try {
      tweakOptions.decode(options);
    } catch {
      throw new InputError("options", "expected those of bip340, found something else");
    }
  },
  optionsOf: (options) => tweakOptions.decode(options),
  payloadOf: ({ message, hash }) => hash === "none" ? message : digestOf(hash, message),
  verify,
  verifyAnyForm: verify,
  signatureOf: (publicKey, _payload, bytes) => ({ scheme: "bip340", bytes, publicKey }),
  childOf: (parent, path) => childOf(group, parent, path),
  signingKeyOf: (parent, use) => xOnly(group.encodeElement(tweakedFor(whole(parent), use).point)),
  addressesOf(publicKey) {
    const x = xOnly(publicKey);
    const { outputKey } = taprootOutput(x, new Uint8Array());
    return {
      bitcoin: outputAddress(outputKey),
      testnet: taprootAddress(outputKey, "testnet"),
      nostr: npub(x),
    };
  },
};
