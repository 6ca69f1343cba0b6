/**
 * Seeded bugs of the signs and tweaks of BIP-340's keys, of Taproot, and of Nostr's events.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/crypto/bip340/${file}.ts`,
  find,
  replace,
});
const caughtBy = (file: string, test: string) => ({ file: `tests/crypto/bip340/${file}_test.ts`, test });
const frost = (test: string) => ({ file: "tests/crypto/frost_bip340_test.ts", test });

export const bip340Mutants: readonly Mutant[] = [
  {
    name: "a generated key changes its sign without its shares",
    patches: [patch(
      "signing_key",
      "const share = tweakedShare(made.share, even);",
      "const share = made.share.slice();",
    )],
    caughtBy: caughtBy("signing_key", "evenKey() gives"),
  },
  {
    name: "the share of an odd key is not wiped",
    patches: [patch("signing_key", "  made.share.fill(0);\n", "")],
    caughtBy: caughtBy("signing_key", "evenKey() gives"),
  },
  {
    name: "shares are tweaked, but FROST hashes the group key",
    patches: [
      patch("signing_key", "    ...key,\n    publicKey: tweakedPublicKey(tweaked),\n", "    ...key,\n"),
    ],
    caughtBy: frost("aggregate() signs under the output key"),
  },
  {
    name: "a child's output commits to its parent",
    patches: [patch(
      "signing_key",
      "tapTweak(tweakedPublicKey(child).slice(1), merkleRoot)",
      "tapTweak(parent.publicKey.slice(1), merkleRoot)",
    )],
    caughtBy: caughtBy("signing_key", "tweakedKeyOf() gives BIP-86's output keys"),
  },
  {
    name: "a tweak keeps its sign where the key changes it",
    patches: [patch("key_tweak", "tweak: group.reduce(-key.tweak) };", "tweak: key.tweak };")],
    caughtBy: caughtBy("key_tweak", "tweakedShare() and tweakedVerifyingShares() are shares"),
  },
  {
    name: "shares keep their sign where the key changes it",
    patches: [patch("key_tweak", "negated: !key.negated,", "negated: key.negated,")],
    caughtBy: caughtBy("key_tweak", "TweakedKey has the sign"),
  },
  {
    name: "an x-only tweak is added to the point as it is",
    patches: [patch("key_tweak", "return plainTweak(withEvenY(key), by);", "return plainTweak(key, by);")],
    caughtBy: caughtBy("key_tweak", "xOnlyTweak() and plainTweak() come to libsecp256k1's points"),
  },
  {
    name: "a tweak over the order is taken",
    patches: [patch("key_tweak", "if (by < 0n || by >= group.order) {", "if (by < 0n) {")],
    caughtBy: caughtBy("key_tweak", "plainTweak() refuses the tweaks"),
  },
  {
    name: "a tweak may leave nothing of the key",
    patches: [patch(
      "key_tweak",
      'if (tweaked.is0()) throw new RangeError("Cannot tweak key: the result is the identity");',
      "",
    )],
    caughtBy: caughtBy("key_tweak", "plainTweak() refuses the tweaks"),
  },
  {
    name: "a Taproot output forgets its scripts",
    patches: [patch("taproot", '"TapTweak", internalKey, merkleRoot)', '"TapTweak", internalKey)')],
    caughtBy: caughtBy("taproot", "taprootOutput() and taprootAddress() give BIP-341's wallet vectors"),
  },
  {
    name: "a merkle root may have any length",
    patches: [patch("taproot", "if (merkleRoot.length !== 0 && merkleRoot.length !== 32) {", "if (false) {")],
    caughtBy: caughtBy("taproot", "tapTweak(), taprootOutput() and taprootAddress() name"),
  },
  {
    name: "a control block has the wrong parity",
    patches: [patch("taproot", "oddY: hasOddY(output) };", "oddY: false };")],
    caughtBy: caughtBy("taproot", "taprootOutput() and taprootAddress() give BIP-341's wallet vectors"),
  },
  {
    name: "a Taproot address is one of version 0",
    patches: [
      patch("taproot", "witnessAddress(1, outputKey,", "witnessAddress(0, outputKey,"),
    ],
    caughtBy: caughtBy("taproot", "taprootAddress() has on every network"),
  },
  {
    name: "bytes of another shape are a signature of BIP-340",
    patches: [
      patch("signature", "signature.length !== 64) return false;", "signature.length !== 64) return true;"),
    ],
    caughtBy: caughtBy("signature", "verifyBip340() is false, and no error"),
  },
  {
    name: "a Nostr event with disputed characters gets an id",
    patches: [patch("nostr", "/[\\u0000-\\u0007\\u000b\\u000e-\\u001f]/;", "/[\\u0000]/;")],
    caughtBy: caughtBy("nostr", "nostrEventId() and npubOf() name the field"),
  },
  {
    name: "who approves is not told of the output that signs",
    patches: [{
      file: "web/text/schemes.ts",
      find: '"merkleRoot" in options ? taprootLines(options, publicKey) : []',
      replace: "[]",
    }],
    caughtBy: { file: "tests/web/holder/shown_test.ts", test: "shownRequest() says of BIP-340" },
  },
  {
    name: "the page asks for another output than was typed",
    patches: [{
      file: "web/text/sign_input.ts",
      find: "if (bytes?.length === 0 || bytes?.length === 32) return bytes;",
      replace: "if (bytes?.length === 0 || bytes?.length === 32) return new Uint8Array();",
    }],
    caughtBy: { file: "tests/web/text/sign_input_test.ts", test: "rootOf() takes 64 hex digits" },
  },
  {
    name: "a Nostr event takes any signature",
    patches: [patch("nostr", "if (!verifyBip340(x, id, signature)) {", "if (false) {")],
    caughtBy: caughtBy("nostr", "nostrEvent() refuses a signature"),
  },
  {
    name: "a Nostr event's id forgets its tags",
    patches: [patch("nostr", "created_at, kind, tags, content]);", "created_at, kind, [], content]);")],
    caughtBy: caughtBy("nostr", "nostrEventId() gives the ids"),
  },
];
