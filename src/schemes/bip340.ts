/**
 * BIP-340 for anybody: Schnorr signatures on secp256k1, as Taproot and Nostr have them, made by FROST.
 * @module
 */
import { npubOf } from "../crypto/bip340/nostr.ts";
import { xOnly } from "../crypto/bip340/signature.ts";
import { tweakedFrostKey, tweakedKeyOf } from "../crypto/bip340/signing_key.ts";
import { taprootAddress, taprootOutput } from "../crypto/bip340/taproot.ts";
import { tweakOptions } from "../crypto/bip340/tweak_options.ts";
import { isOneSharing } from "../crypto/feldman.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { InputError } from "../errors.ts";
import { maxItems } from "../limits.ts";
import { generating, resharings } from "../protocol/deal_messages.ts";
import { signingFrost } from "../protocol/sign_frost_messages.ts";
import { wrongFrostShares } from "./frost_share.ts";
import type { KeyUse, Parent, ShareFacts, SignatureScheme } from "./scheme.ts";
import { bip340Verifying } from "./verifying/bip340_verifying.ts";

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

/** The key after the tweaks of its use, with an even y. @throws {InputError} `path`, `merkleRoot` */
export function tweakedFor(parent: Parent, { path, options }: KeyUse): ReturnType<typeof tweakedKeyOf> {
  return tweakedKeyOf(parent, { path, merkleRoot: tweakOptions.decode(options).merkleRoot });
}

/** The address of a Taproot output on the main network. @param outputKey x, 32 bytes. */
export const outputAddress = (outputKey: Uint8Array): string => taprootAddress(outputKey, "mainnet");

const wrongShares = (facts: ShareFacts): number[] =>
  wrongFrostShares(frostBip340, (item) => tweakedFrostKey(facts.key, tweakedFor(facts.key, item)), facts);

/** BIP-340, without secrets. */
export const bip340: SignatureScheme<"bip340", Bip340Input, Bip340Signature, Bip340Options> = {
  ...bip340Verifying,
  generating: generating.bip340,
  resharing: resharings.bip340,
  signing: (items) => signingFrost(frostBip340, items),
  mostItems: () => maxItems,
  pairwise: false,
  shares: { commit: "commit", share: "share", wrongShares },
  isOneSharing: (key) => isOneSharing(group, key),
  fieldsOf(input) {
    const { options, ...fields } = bip340Verifying.inputOf(input);
    return { ...fields, options: tweakOptions.encode(options) };
  },
  checkFields({ options, ...fields }) {
    bip340Verifying.checkMessage(fields);
    try {
      tweakOptions.decode(options);
    } catch {
      throw new InputError("options", "expected those of bip340, found something else");
    }
  },
  optionsOf: (options) => tweakOptions.decode(options),
  signatureOf: (publicKey, _payload, bytes) => ({ scheme: "bip340", bytes, publicKey }),
  signingKeyOf: (parent, { path, options }) =>
    bip340Verifying.verifyingKeyOf(parent, { path, options: tweakOptions.decode(options) }),
  addressesOf(publicKey) {
    const x = xOnly(publicKey);
    const { outputKey } = taprootOutput(x, new Uint8Array());
    return {
      bitcoin: outputAddress(outputKey),
      testnet: taprootAddress(outputKey, "testnet"),
      nostr: npubOf(x),
    };
  },
};
