/**
 * A program that the type checker of another project reads, with the entries that need packages of their own.
 * @module
 */
import type { GroupKey, Identity, QuorateNode, Roster, Store } from "@quorate/quorate";
import { createNode } from "@quorate/quorate";
import { signPsbt } from "@quorate/quorate/bitcoin";
import { browserTransport } from "@quorate/quorate/browser";
import { browserWebRtc, type BrowserWebRtcOptions } from "@quorate/quorate/browser-webrtc";
import { nostrSigner } from "@quorate/quorate/nostr";
import { webSockets } from "@quorate/quorate/server";
import { solanaSigner } from "@quorate/quorate/solana";
import { type SignerOptions, type ViemAccount, viemAccount } from "@quorate/quorate/viem";
import { type WebRtc, webrtc } from "@quorate/quorate/webrtc";
import "@quorate/quorate/worker";
import { Transaction } from "@scure/btc-signer";
import { createSignableMessage, type SignatureBytes } from "@solana/kit";
import { type Event, verifyEvent } from "nostr-tools/pure";
import { createWalletClient, http, verifyMessage } from "viem";
import { mainnet } from "viem/chains";

/** The signers go where their libraries take one, and give what these verify. */
export async function sign(node: QuorateNode, key: GroupKey, note: string): Promise<boolean> {
  const options: SignerOptions = { note, path: [0] };
  const account: ViemAccount = viemAccount(node, key, options);
  const client = createWalletClient({ account, chain: mainnet, transport: http() });
  const signature: `0x${string}` = await client.signMessage({ message: note });
  const signer = solanaSigner(node, key, options);
  const [signed] = await signer.signMessages([createSignableMessage(note)]);
  const bytes: SignatureBytes | undefined = signed?.[signer.address];
  const transaction = Transaction.fromPSBT(await signPsbt(node, key, new Transaction().toPSBT(), options));
  const event: Event = await nostrSigner(node, key, { note }).signEvent({
    kind: 1,
    created_at: 0,
    tags: [],
    content: note,
  });
  const { address } = account;
  return await verifyMessage({ address, message: note, signature }) && verifyEvent(event) &&
    transaction.isFinal &&
    bytes?.length === 64;
}

/** Two nodes with WebRTC that nobody starts. */
export async function nodes(
  identity: Identity,
  roster: Roster,
  store: Store,
): Promise<readonly QuorateNode[]> {
  const native: WebRtc = webrtc();
  const inBrowser: BrowserWebRtcOptions = { iceServers: [], patchPrototypes: false };
  const both = [
    webSockets({ listen: ["/ip4/0.0.0.0/udp/0/webrtc-direct"], webrtc: native }),
    browserTransport({ webrtc: browserWebRtc(inBrowser) }),
  ];
  return await Promise.all(
    both.map((transport) => createNode({ identity, roster, store, transport, approve: "roster" })),
  );
}
