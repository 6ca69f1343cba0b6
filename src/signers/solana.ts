/**
 * A signer of @solana/kit whose signatures a cluster makes.
 * @module
 */
import {
  address,
  type MessagePartialSigner,
  type SignatureBytes,
  type SignatureDictionary,
  type TransactionPartialSigner,
} from "@solana/kit";
import { solanaAddress } from "../schemes/addresses.ts";
import { type SignerOptions, type SigningKey, type SigningNode, signingWith } from "./signing.ts";

export type { SignerOptions, SigningKey, SigningNode };

/**
 * Makes a signer of messages and transactions with an `ed25519` key. All that one call gives it is one
 * command and one approval; holders that are asked read messages and the compiled messages of transactions
 * whole.
 *
 * @throws {InputError} `scheme` or `path`
 */
export function solanaSigner(
  node: SigningNode,
  key: SigningKey,
  options: SignerOptions = {},
): MessagePartialSigner & TransactionPartialSigner {
  const { child, sign } = signingWith(node, key, "ed25519", options);
  const own = address(solanaAddress(child));
  const signAll = async (
    messages: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly SignatureDictionary[]> => {
    if (messages.length === 0) return [];
    const signatures = await sign(messages.map((message) => ({ message })), signal);
    return signatures.map(({ bytes }) => Object.freeze({ [own]: bytes as SignatureBytes }));
  };
  return {
    address: own,
    signMessages: (messages, config) =>
      signAll(messages.map(({ content }) => Uint8Array.from(content)), config?.abortSignal),
    signTransactions: (transactions, config) =>
      signAll(transactions.map(({ messageBytes }) => Uint8Array.from(messageBytes)), config?.abortSignal),
  };
}
