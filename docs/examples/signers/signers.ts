// Signs with the keys of the wallet “treasury” in four other libraries, and prints what they made.
import { readFile } from "node:fs/promises";
import { bitcoinAddress, createNode, parseRoster } from "@quorate/quorate";
import { keyFile, sqliteStore, webSockets } from "@quorate/quorate/server";
import { signPsbt } from "@quorate/quorate/bitcoin";
import { nostrSigner } from "@quorate/quorate/nostr";
import { solanaSigner } from "@quorate/quorate/solana";
import { viemAccount } from "@quorate/quorate/viem";
import { p2tr, TEST_NETWORK, Transaction } from "@scure/btc-signer";
import { createSignableMessage } from "@solana/kit";

const node = await createNode({
  identity: await keyFile("identity.age"),
  roster: parseRoster(await readFile("roster.json", "utf8")),
  approve: "roster", // nobody asks a peer without a share
  store: sqliteStore("signers.db"),
  transport: webSockets({ listen: [] }),
});
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const schemes = ["ecdsa", "ed25519", "bip340"] as const;
const wanted = schemes.map((scheme) => ({ wallet: "treasury", scheme }));
await node.ready({ keys: wanted, signal: AbortSignal.timeout(20_000) }); // a client learns of keys from their holders
const keys = (await node.keys()).filter(({ wallet }) => wallet === "treasury");
const keyFor = (scheme: typeof schemes[number]) => keys.find((key) => key.scheme === scheme)!;
const [ecdsa, ed25519, bip340] = [keyFor("ecdsa"), keyFor("ed25519"), keyFor("bip340")];

const account = viemAccount(node, ecdsa, { note: "log in to example.org" });
const viem = { address: account.address, signature: await account.signMessage({ message: "log in" }) };

const signer = solanaSigner(node, ed25519, { note: "prove whose this is" });
const [signatures] = await signer.signMessages([createSignableMessage("ours")]);
const solana = { address: signer.address, signature: hex(signatures![signer.address]!) };

const { script, tapInternalKey } = p2tr(bip340.publicKey.slice(1), undefined, TEST_NETWORK);
const transaction = new Transaction();
for (const index of [0, 1]) { // two coins of the key's own address
  const witnessUtxo = { script, amount: 10_000n };
  transaction.addInput({ txid: "01".repeat(32), index, witnessUtxo, tapInternalKey });
}
const own = bitcoinAddress(bip340, { network: "testnet" });
transaction.addOutputAddress(own, 19_000n, TEST_NETWORK);
const psbt = await signPsbt(node, bip340, transaction.toPSBT(), { note: "two coins into one" });

const event = { kind: 1, created_at: Math.floor(Date.now() / 1000), tags: [], content: "gm" };
const nostr = await nostrSigner(node, bip340, { note: "say gm" }).signEvent(event);

console.log(JSON.stringify({ viem, solana, bitcoin: hex(psbt), nostr }));
await node.stop();
