import {
  address,
  appendTransactionMessageInstruction,
  assertIsTransactionWithinSizeLimit,
  type Blockhash,
  compileTransaction,
  createSignableMessage,
  createTransactionMessage,
  getAddressEncoder,
  isMessagePartialSigner,
  isTransactionPartialSigner,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  type SignatureBytes,
  signTransactionMessageWithSigners,
  verifySignature,
} from "@solana/kit";
import assert from "node:assert/strict";
import { childKey, solanaAddress } from "../../mod.ts";
import { solanaSigner } from "../../src/signers/solana.ts";
import { SigningCluster } from "./cluster.ts";

const lifetime = {
  blockhash: "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM" as Blockhash,
  lastValidBlockHeight: 100n,
};

/** A transaction of version 0 that says something to a program. */
const transactionOf = (signer: ReturnType<typeof solanaSigner>, data: number) =>
  pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(signer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) =>
      appendTransactionMessageInstruction({
        programAddress: address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"),
        data: Uint8Array.of(data),
      }, message),
  );

/** The key of an address, for WebCrypto. */
const keyOf = (own: string) =>
  crypto.subtle.importKey("raw", Uint8Array.from(getAddressEncoder().encode(address(own))), "Ed25519", true, [
    "verify",
  ]);

for (const path of [[], [44, 501]]) {
  Deno.test(`solanaSigner() of m/${path.join("/")} signs messages and transactions that @solana/kit verifies`, async () => {
    await using cluster = await SigningCluster.start("ed25519");
    const { node, key, asked, signers } = cluster;
    const signer = solanaSigner(node, key, { path, signers, note: "two notes" });
    assert.ok(isMessagePartialSigner(signer) && isTransactionPartialSigner(signer));
    assert.equal(signer.address, solanaAddress(childKey(key, path)));
    const publicKey = await keyOf(signer.address);

    const messages = ["one", "two"].map((text) => createSignableMessage(text));
    const dictionaries = await cluster.until(signer.signMessages(messages));
    for (const [i, { content }] of messages.entries()) {
      const bytes = dictionaries[i]![signer.address]!;
      assert.ok(await verifySignature(publicKey, bytes, content));
      assert.ok(!await verifySignature(publicKey, bytes, messages[1 - i]!.content));
    }
    assert.equal(asked.length, 1, "both in one approval");
    assert.deepEqual(asked[0]!.items.map(({ message }) => message), messages.map(({ content }) => content));
    assert.equal(asked[0]!.note, "two notes");

    const signed = await cluster.until(signTransactionMessageWithSigners(transactionOf(signer, 1)));
    const bytes = signed.signatures[signer.address]!;
    assert.ok(await verifySignature(publicKey, bytes, signed.messageBytes));
    assert.deepEqual(asked[1]!.items[0]!.message, signed.messageBytes, "holders read the whole transaction");

    const compiled = [2, 3].map((data) => compileTransaction(transactionOf(signer, data)));
    for (const one of compiled) assertIsTransactionWithinSizeLimit(one);
    const both = await cluster.until(signer.signTransactions(compiled as never));
    for (const [i, { messageBytes }] of compiled.entries()) {
      assert.ok(await verifySignature(publicKey, both[i]![signer.address] as SignatureBytes, messageBytes));
    }
    assert.equal(asked.length, 3);
    assert.deepEqual(await signer.signMessages([]), []);
  });
}

Deno.test("solanaSigner() passes on the signal of a call", async () => {
  await using cluster = await SigningCluster.start("ed25519");
  const signer = solanaSigner(cluster.node, cluster.key);
  const abort = new AbortController();
  const signing = signer.signMessages([createSignableMessage("never")], { abortSignal: abort.signal });
  abort.abort();
  await assert.rejects(cluster.until(signing as Promise<unknown>), {
    name: "SessionError",
    code: "cancelled",
  });
});
