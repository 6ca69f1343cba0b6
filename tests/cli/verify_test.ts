import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { HDKey } from "@scure/bip32";
import { quorate } from "./program.ts";

const secret = new Uint8Array(32).fill(7);
const key = ed25519.getPublicKey(secret).toHex();
const signed = (message: Uint8Array) => ed25519.sign(message, secret).toHex();
const text = (words: string) => new TextEncoder().encode(words);

Deno.test("quorate verify says whether a signature is one of a key, without any node", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeFile(`${dir}/release`, Uint8Array.of(0, 255, 10));
  const good: [string[], Uint8Array][] = [
    [["--message", "hi"], text("hi")],
    [["--hex", "00ff"], Uint8Array.of(0, 255)],
    [["--file", `${dir}/release`], Uint8Array.of(0, 255, 10)],
  ];
  for (const [input, message] of good) {
    const { code, out, sentence } = await quorate("verify", "ed25519", key, signed(message), ...input);
    assert.deepEqual([code, out, sentence], [0, "valid", ""], input.join(" "));
  }
  const other = await quorate("verify", "ed25519", key, signed(text("hi")), "--message", "ho");
  assert.deepEqual([other.code, other.out], [1, "not valid"]);
  const json = await quorate("verify", "ed25519", key, signed(text("hi")), "--message", "ho", "--json");
  assert.deepEqual([json.code, JSON.parse(json.out)], [1, { valid: false }]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate verify takes the child of a key with its chain code, and says what is wrong with its input", async () => {
  const parent = HDKey.fromMasterSeed(new Uint8Array(32).fill(9));
  const child = secp256k1.sign(text("hi"), parent.derive("m/0/5").privateKey!).toHex();
  const [publicKey, chainCode] = [parent.publicKey!.toHex(), parent.chainCode!.toHex()];
  const of = [publicKey, child, "--message", "hi", "--chain-code", chainCode];
  assert.equal((await quorate("verify", "ecdsa", ...of, "--path", "0/5")).out, "valid");
  assert.equal((await quorate("verify", "ecdsa", ...of, "--path", "0/6")).out, "not valid");
  const wrong: [string[], RegExp][] = [
    [["ed25519", key, "00"], /^message: expected one of --message, --hex, --file, --digest, found none$/],
    [["ed25519", key, "00", "--message", "a", "--hex", "00"], /^message: .* found --message and --hex$/],
    [["rsa", key, "00", "--message", "a"], /^scheme: expected ed25519 or ecdsa or bip340, found “rsa”$/],
    [["ed25519", "zz", "00", "--message", "a"], /^key: expected hex digits, found “zz”$/],
    [["ed25519", key, "0", "--message", "a"], /^signature: expected hex digits, found “0”$/],
    [["ed25519", key, "00", "--message", "a", "--path", "0/5"], /^chain-code: expected the key's chain code/],
    [
      ["ed25519", key, "00", "--message", "a", "--chain-code", "00"],
      /^chain-code: expected 32 bytes, found 1$/,
    ],
    [["ed25519", key, "00", "--message", "a", "--path", "0'/5", "--chain-code", "00".repeat(32)], /^path/],
    [["ed25519", key, "00", "--digest", "00".repeat(32), "--hash", "sha256"], /^hash: expected none/],
    [["ed25519", key, "00", "--hex", "0"], /^hex: expected hex digits, found/],
    [
      ["ed25519", key, "00", "--file", "/none/there"],
      /^file: expected a file that can be read, found ENOENT/,
    ],
  ];
  for (const [args, sentence] of wrong) {
    const { code, out, sentence: said } = await quorate("verify", ...args);
    assert.match(said, sentence);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
  }
});
