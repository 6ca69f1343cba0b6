import {
  hashMessage,
  hexToBytes,
  keccak256,
  parseTransaction,
  recoverAddress,
  recoverTransactionAddress,
  serializeTransaction,
  toBytes,
  toPrefixedMessage,
  type TransactionSerializable,
  verifyMessage,
  verifyTypedData,
} from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { recoverAuthorizationAddress } from "viem/utils";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import { childKey } from "../../mod.ts";
import { viemAccount } from "../../src/signers/viem.ts";
import { SigningCluster } from "./cluster.ts";

const to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const fees = { maxFeePerGas: 20_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
const transactions: Readonly<Record<string, TransactionSerializable>> = {
  "legacy": { type: "legacy", chainId: 1, nonce: 7, gas: 21_000n, gasPrice: 10n ** 9n, to, value: 1n },
  "legacy, before EIP-155": { type: "legacy", nonce: 7, gas: 21_000n, gasPrice: 10n ** 9n, to, value: 1n },
  "EIP-2930": { type: "eip2930", chainId: 1, nonce: 7, gas: 21_000n, gasPrice: 10n ** 9n, to, value: 1n },
  "EIP-1559": { type: "eip1559", chainId: 1, nonce: 8, gas: 21_000n, ...fees, to, value: 10n ** 18n },
};

const mail = {
  domain: { name: "Treasury", version: "1", chainId: 1, verifyingContract: to },
  types: { Payment: [{ name: "to", type: "address" }, { name: "amount", type: "uint256" }] },
  primaryType: "Payment",
  message: { to, amount: 5n },
} as const;

/** An address by viem from a compressed key. */
const addressOf = (publicKey: Uint8Array) =>
  publicKeyToAddress(`0x${secp256k1.Point.fromBytes(publicKey).toHex(false)}`);

for (const path of [[], [0, 3]]) {
  Deno.test(`viemAccount() of m/${path.join("/")} signs what viem verifies: messages, typed data, transactions, authorizations`, async () => {
    await using cluster = await SigningCluster.start("ecdsa");
    const { node, key, asked, signers } = cluster;
    const account = viemAccount(node, key, { path, signers, note: "pay the invoice" });
    const { address } = account;
    assert.equal(address, addressOf(childKey(key, path).publicKey));

    const message = "hello threshold";
    const ofMessage = await cluster.until(account.signMessage({ message }));
    assert.ok(await verifyMessage({ address, message, signature: ofMessage }));
    assert.ok(!await verifyMessage({ address, message: "another", signature: ofMessage }));
    assert.deepEqual(asked[0]!.items[0]!.message, hexToBytes(toPrefixedMessage(message)));
    assert.deepEqual([asked[0]!.note, asked[0]!.items[0]!.hash], ["pay the invoice", "keccak256"]);
    const raw = toBytes("0x00ff");
    const ofRaw = await cluster.until(account.signMessage({ message: { raw } }));
    assert.ok(await verifyMessage({ address, message: { raw }, signature: ofRaw }));

    const ofData = await cluster.until(account.signTypedData(mail));
    assert.ok(await verifyTypedData({ address, ...mail, signature: ofData }));
    const other = { ...mail, message: { to, amount: 6n } } as const;
    assert.ok(!await verifyTypedData({ address, ...other, signature: ofData }));

    const hash = hashMessage("any hash");
    const ofHash = await cluster.until(account.sign({ hash }));
    assert.equal(await recoverAddress({ hash, signature: ofHash }), address);

    for (const [name, transaction] of Object.entries(transactions)) {
      const serialized = await cluster.until(account.signTransaction(transaction));
      const serializedTransaction = serialized as `0x02${string}`;
      assert.equal(await recoverTransactionAddress({ serializedTransaction }), address, name);
      assert.equal(parseTransaction(serialized).value, transaction.value, name);
      const { message } = asked.at(-1)!.items[0]!;
      assert.deepEqual(message, hexToBytes(serializeTransaction(transaction)), `${name} is read whole`);
    }

    const authorization = await cluster.until(
      account.signAuthorization({ address: to, chainId: 1, nonce: 3 }),
    );
    assert.equal(await recoverAuthorizationAddress({ authorization }), address);
    assert.deepEqual([authorization.address, authorization.nonce], [to, 3]);
    const byContract = account.signAuthorization({ contractAddress: to, chainId: 1, nonce: 4 });
    assert.equal(
      await recoverAuthorizationAddress({ authorization: await cluster.until(byContract) }),
      address,
    );
    const delegating = { ...transactions["EIP-1559"]!, type: "eip7702", authorizationList: [authorization] };
    const serialized = await cluster.until(account.signTransaction(delegating as TransactionSerializable));
    const serializedTransaction = serialized as `0x04${string}`;
    assert.equal(await recoverTransactionAddress({ serializedTransaction }), address);
  });
}

Deno.test("viemAccount() signs a transaction with blobs without them (EIP-4844)", async () => {
  await using cluster = await SigningCluster.start("ecdsa");
  const account = viemAccount(cluster.node, cluster.key, { signers: cluster.signers });
  const blobVersionedHashes = [`0x01${"ab".repeat(31)}`] as const;
  const [blob, commitment, proof] = ["0x11", "0x22", "0x33"] as const;
  const body = { chainId: 1, nonce: 1, gas: 21_000n, ...fees, maxFeePerBlobGas: 5n, to } as const;
  const transaction = {
    ...body,
    type: "eip4844",
    blobVersionedHashes,
    sidecars: [{ blob, commitment, proof }],
  };
  const serialized = await cluster.until(account.signTransaction(transaction as TransactionSerializable));
  const { message } = cluster.asked[0]!.items[0]!;
  const alone = serializeTransaction({ ...body, type: "eip4844", blobVersionedHashes, sidecars: false });
  assert.deepEqual(message, hexToBytes(alone));
  const { r, s, yParity } = parseTransaction(serialized);
  const signature = { r: r!, s: s!, yParity: yParity! };
  assert.equal(await recoverAddress({ hash: keccak256(alone), signature }), account.address);
});
