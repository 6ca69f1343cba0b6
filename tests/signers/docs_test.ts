import {
  type AminoSignResponse,
  type OfflineAminoSigner,
  serializeSignDoc,
  type StdSignDoc,
} from "@cosmjs/amino";
import { Secp256k1, Secp256k1Signature, sha256 } from "@cosmjs/crypto";
import { p2wpkh, TEST_NETWORK, Transaction } from "@scure/btc-signer";
import { address, getAddressEncoder, type SignatureBytes, verifySignature } from "@solana/kit";
import { compactVerify, importJWK } from "jose";
import { verifyEvent } from "nostr-tools/pure";
import { fileURLToPath } from "node:url";
import { type Address, recoverTransactionAddress } from "viem";
import assert from "node:assert/strict";
import { childKey, ethereumAddress, type GroupKey, type QuorateNode, sshPublicKey } from "../../mod.ts";
import { SigningCluster } from "./cluster.ts";
import { documented, placed, recipe } from "./documented.ts";
import { runTool } from "./tool.ts";

type Recipe<Arguments extends unknown[], Result> = (
  node: QuorateNode,
  key: GroupKey,
  ...rest: Arguments
) => Result;
const decoder = new TextDecoder();

/** A folder for the files of other programs. */
async function inFolder(act: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await act(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Examples that are one file of TypeScript. */
const examples = ["http-service/service.ts", "signers/signers.ts", "webhook/approver.ts"];

Deno.test("docs/signers.md: a block under each heading that has one; they and the examples pass the type checker", async () => {
  const blocks = await documented();
  assert.equal(blocks.size, 9);
  await inFolder(async (dir) => {
    const folder = new URL("../../docs/examples/", import.meta.url);
    const programs = await Promise.all(examples.map((path) => Deno.readTextFile(new URL(path, folder))));
    const files = [...blocks.values(), ...programs.map(placed)].map((code, i) =>
      [`${dir}/block_${i}.ts`, code] as const
    );
    for (const [file, code] of files) await Deno.writeTextFile(file, code);
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const args = ["check", "--config", config, ...files.map(([file]) => file)];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.ok(success, decoder.decode(stderr));
  });
});

Deno.test("docs/signers.md: viem recovers the address of its transfer", async () => {
  type Transfer = Recipe<[{ to: Address; ether: string; nonce: number }], Promise<`0x02${string}`>>;
  const { transfer } = await recipe<{ transfer: Transfer }>("viem");
  await using cluster = await SigningCluster.start("ecdsa");
  const { node, key } = cluster;
  const to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
  const signing = transfer(node, key, { to, ether: "0.5", nonce: 3 });
  const serializedTransaction = await cluster.until(signing);
  const recovered = await recoverTransactionAddress({ serializedTransaction });
  assert.equal(recovered, ethereumAddress(childKey(key, [0])));
});

Deno.test("docs/signers.md: @solana/kit verifies its texts", async () => {
  type SignTexts = Recipe<[string[]], Promise<readonly Record<string, SignatureBytes>[]>>;
  const { signTexts } = await recipe<{ signTexts: SignTexts }>("Solana");
  await using cluster = await SigningCluster.start("ed25519");
  const texts = ["one", "two"];
  const signed = await cluster.until(signTexts(cluster.node, cluster.key, texts));
  for (const [i, text] of texts.entries()) {
    const [[own, bytes]] = Object.entries(signed[i]!) as [[string, SignatureBytes]];
    const raw = Uint8Array.from(getAddressEncoder().encode(address(own)));
    const publicKey = await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
    assert.ok(await verifySignature(publicKey, bytes, new TextEncoder().encode(text)));
  }
});

Deno.test("docs/signers.md: @scure/btc-signer finishes its PSBT", async () => {
  const { spend } = await recipe<{ spend: Recipe<[object], Promise<string>> }>("Bitcoin");
  await using cluster = await SigningCluster.start("ecdsa");
  const { node, key } = cluster;
  const transaction = new Transaction();
  const { script } = p2wpkh(key.publicKey, TEST_NETWORK);
  transaction.addInput({ txid: "01".repeat(32), index: 0, witnessUtxo: { script, amount: 9_000n } });
  transaction.addOutputAddress("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", 8_000n, TEST_NETWORK);
  const hex = await cluster.until(spend(node, key, { psbt: transaction.toPSBT(), note: "pay" }));
  assert.equal(Transaction.fromRaw(Uint8Array.fromHex(hex)).id, transaction.id);
});

Deno.test("docs/signers.md: nostr-tools verifies its note", async () => {
  const { note } = await recipe<{ note: Recipe<[string], Promise<object>> }>("Nostr");
  await using cluster = await SigningCluster.start("bip340");
  const event = await cluster.until(note(cluster.node, cluster.key, "gm"));
  assert.ok(verifyEvent(JSON.parse(JSON.stringify(event))));
});

Deno.test("docs/signers.md: addresses of each scheme", async () => {
  const { addresses } = await recipe<{ addresses: (key: GroupKey) => string[] }>("Addresses");
  const publicKey = Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  const key = { publicKey, chainCode: new Uint8Array(32) };
  const of = (scheme: string, more = {}) => addresses({ ...key, scheme, ...more } as GroupKey).join(" ");
  assert.match(of("ecdsa"), /^bc1q\S{38} 0x\S{40} xpub\S+$/);
  assert.match(of("bip340"), /^tb1p\S{58} npub1\S{58} tpub\S+$/);
  const base = Uint8Array.fromHex("5866666666666666666666666666666666666666666666666666666666666666");
  assert.match(of("ed25519", { publicKey: base }), /^\S{43,44} ssh-ed25519 \S{68} treasury of Acme$/);
});

Deno.test("docs/signers.md: Cosmos' own library verifies amino and ADR-036", async () => {
  interface Cosmos {
    cosmosSigner: Recipe<[], OfflineAminoSigner>;
    textDocument(signer: string, text: string): StdSignDoc;
  }
  const { cosmosSigner, textDocument } = await recipe<Cosmos>("Cosmos: amino and ADR-036");
  await using cluster = await SigningCluster.start("ecdsa");
  const signer = cosmosSigner(cluster.node, cluster.key);
  const [account] = await signer.getAccounts();
  const text = textDocument(account!.address, "gm, cosmos: 日本語");
  const payment = {
    type: "cosmos-sdk/MsgSend",
    value: { from_address: account!.address, to_address: account!.address, amount: [] },
  };
  const amino = { ...text, msgs: [payment], chain_id: "cosmoshub-4", account_number: "7", sequence: "1" };
  for (const document of [text, amino]) {
    const { signed, signature } = await cluster.until<AminoSignResponse>(
      signer.signAmino(account!.address, document),
    );
    const bytes = Uint8Array.from(atob(signature.signature), (c) => c.charCodeAt(0));
    const fixed = Secp256k1Signature.fromFixedLength(bytes);
    const verifies = (of: StdSignDoc) =>
      Secp256k1.verifySignature(fixed, sha256(serializeSignDoc(of)), account!.pubkey);
    assert.ok(await verifies(signed));
    assert.ok(!await verifies({ ...signed, memo: "another" }));
  }
  await assert.rejects(signer.signAmino("cosmos1other", text), /^Error: Cannot sign for cosmos1other/);
});

Deno.test("docs/signers.md: jose verifies EdDSA, and OpenSSL ES256K", async () => {
  const { jws } = await recipe<{ jws: Recipe<[object], Promise<string>> }>("JWS: EdDSA and ES256K");
  const { pem } = await recipe<{ pem: (key: GroupKey) => string }>("OpenSSL");
  const payload = { sub: "treasury", admin: true };
  await using eddsa = await SigningCluster.start("ed25519");
  const token = await eddsa.until(jws(eddsa.node, eddsa.key, payload));
  const x = eddsa.key.publicKey.toBase64({ alphabet: "base64url", omitPadding: true });
  const publicKey = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
  const verified = await compactVerify(token, publicKey);
  assert.deepEqual(JSON.parse(decoder.decode(verified.payload)), payload);
  await assert.rejects(compactVerify(token.replace(".eyJz", ".eyJy"), publicKey));

  await using es256k = await SigningCluster.start("ecdsa");
  const [head, body, tail] = (await es256k.until(jws(es256k.node, es256k.key, payload))).split(".");
  assert.deepEqual(JSON.parse(atob(head!)), { alg: "ES256K" });
  const fixed = Uint8Array.fromBase64(tail!, { alphabet: "base64url" });
  await inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/key.pem`, pem(es256k.key));
    await Deno.writeFile(`${dir}/signature`, Secp256k1Signature.fromFixedLength(fixed).toDer());
    const args = ["dgst", "-sha256", "-verify", `${dir}/key.pem`, "-signature", `${dir}/signature`];
    const said = (signed: string) => runTool("openssl", args, new TextEncoder().encode(signed));
    assert.match(await said(`${head}.${body}`), /^Verified OK/);
    await assert.rejects(said(`${head}.${body}A`), /Verification failure/i);
  });
});

Deno.test("docs/signers.md: OpenSSL verifies an Ed25519 signature and an ECDSA signature in DER", async () => {
  const { pem } = await recipe<{ pem: (key: GroupKey) => string }>("OpenSSL");
  const message = new TextEncoder().encode("hello threshold");
  for (const scheme of ["ed25519", "ecdsa"] as const) {
    await using cluster = await SigningCluster.start(scheme);
    const { node, key } = cluster;
    const signature = await cluster.until(node.sign({ wallet: key.wallet, scheme, message }).result);
    await inFolder(async (dir) => {
      const [keyFile, file, messageFile] = [`${dir}/key.pem`, `${dir}/signature`, `${dir}/message`];
      await Deno.writeTextFile(keyFile, pem(key));
      await Deno.writeFile(file, "der" in signature ? signature.der : signature.bytes);
      const verify = async (signed: Uint8Array) => {
        await Deno.writeFile(messageFile, signed);
        const args = scheme === "ecdsa"
          ? ["dgst", "-sha256", "-verify", keyFile, "-signature", file, messageFile]
          : [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            keyFile,
            "-rawin",
            "-in",
            messageFile,
            "-sigfile",
            file,
          ];
        return await runTool("openssl", args);
      };
      assert.match(await verify(message), /Verified (OK|Success)|Signature Verified Successfully/);
      await assert.rejects(verify(message.with(0, 0)), /failure/i);
    });
  }
});

Deno.test("docs/signers.md: ssh-keygen -Y verify accepts its signature of a file, and of no other", async () => {
  type Sign = Recipe<[{ file: Uint8Array; namespace?: string }], Promise<string>>;
  const { sshSignature } = await recipe<{ sshSignature: Sign }>("SSHSIG");
  await using cluster = await SigningCluster.start("ed25519");
  const { node, key } = cluster;
  const file = new Uint8Array(200_000).fill(7);
  const signature = await cluster.until(sshSignature(node, key, { file }));
  await inFolder(async (dir) => {
    const who = "treasury@example.org";
    await Deno.writeTextFile(`${dir}/allowed`, `${who} ${sshPublicKey(key)}\n`);
    await Deno.writeTextFile(`${dir}/file.sig`, signature);
    const verify = (signed: Uint8Array, namespace = "file") =>
      runTool(
        "ssh-keygen",
        ["-Y", "verify", "-f", `${dir}/allowed`, "-I", who, "-n", namespace, "-s", `${dir}/file.sig`],
        signed,
      );
    assert.match(await verify(file), /^Good "file" signature for treasury@example\.org with ED25519 key/);
    await assert.rejects(verify(file.with(0, 8)), /ssh-keygen ended with 255/);
    await assert.rejects(verify(file, "git"), /ssh-keygen ended with 255/);
  });
});
