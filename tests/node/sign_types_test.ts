/**
 * What of `sign` must compile, and what must not: `deno check` reads this file, and an unused `@ts-expect-error` is an
 * error to it.
 */
import assert from "node:assert/strict";
import type {
  EcdsaSignature,
  Ed25519Signature,
  QuorateNode,
  Scheme,
  Session,
  Signature,
  SignRequest,
} from "../../mod.ts";

const bytes = new Uint8Array(32);
const wallet = "treasury";
const path = [0, 1];
const key = "ab".repeat(32);

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

/** Never called: its types are the test. */
async function types(node: QuorateNode, scheme: Scheme, any: SignRequest): Promise<void> {
  const ed25519 = node.sign({
    wallet,
    scheme: "ed25519",
    message: bytes,
    path,
    signers: ["a", "b"],
    keyId: key,
  });
  same<typeof ed25519, Session<Ed25519Signature>>(true);
  const ecdsa = node.sign({ wallet, scheme: "ecdsa", message: bytes, hash: "keccak256", path });
  same<typeof ecdsa, Session<EcdsaSignature>>(true);
  const ofDigest = node.sign({ wallet, scheme: "ecdsa", digest: bytes, hash: "sha256" });
  same<typeof ofDigest, Session<EcdsaSignature>>(true);
  same<typeof ofDigest, Session<Ed25519Signature>>(false);
  node.sign({ wallet, scheme: "ecdsa", message: bytes }); // SHA-256 by default
  const whichever = node.sign({ wallet, scheme, message: bytes });
  same<typeof whichever, Session<Signature>>(true);
  node.sign(any);

  // @ts-expect-error Ed25519 signs no digests
  node.sign({ wallet, scheme: "ed25519", digest: bytes, hash: "sha256" });
  // @ts-expect-error Ed25519 takes no hash
  node.sign({ wallet, scheme: "ed25519", message: bytes, hash: "sha256" });
  // @ts-expect-error there is nothing to sign
  node.sign({ wallet, scheme: "ed25519" });
  // @ts-expect-error there is nothing to sign
  node.sign({ wallet, scheme: "ecdsa" });
  // @ts-expect-error a digest comes with the hash that made it
  node.sign({ wallet, scheme: "ecdsa", digest: bytes });
  // @ts-expect-error a message or a digest
  node.sign({ wallet, scheme: "ecdsa", message: bytes, digest: bytes, hash: "sha256" });
  // @ts-expect-error there is no such hash
  node.sign({ wallet, scheme: "ecdsa", message: bytes, hash: "md5" });
  // @ts-expect-error there is no such scheme
  node.sign({ wallet, scheme: "secp256k1", message: bytes });
  // @ts-expect-error a wallet may have a key of each scheme
  node.sign({ wallet, message: bytes });

  // @ts-expect-error an Ed25519 signature has no Ethereum form
  void (await ed25519.result).ethereum;
  // @ts-expect-error an Ed25519 signature has no DER form
  void (await ed25519.result).der;
  // @ts-expect-error it may be an Ed25519 signature
  void (await whichever.result).ethereum;
  void (await ecdsa.result).ethereum;
  const signature = await whichever.result;
  if (signature.scheme === "ecdsa") void signature.der;
  // @ts-expect-error it is an Ed25519 signature
  else void signature.der;
}

Deno.test("sign() narrows its result by the scheme, and wrong combinations do not compile", async () => {
  assert.equal(types.length, 3);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", new URL(import.meta.url).pathname],
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
});
