/**
 * An account of viem whose signatures a cluster makes.
 * @module
 */
import {
  hashTypedData,
  type Hex,
  hexToBytes,
  parseSignature,
  serializeTransaction,
  toHex,
  toPrefixedMessage,
} from "viem";
import { type LocalAccount, toAccount } from "viem/accounts";
import { hashAuthorization } from "viem/utils";
import { SessionError } from "../errors.ts";
import { ethereumAddress } from "../schemes/addresses.ts";
import type { ItemInput } from "../schemes/schemes.ts";
import { type SignerOptions, type SigningKey, type SigningNode, signingWith } from "./signing.ts";

export type { SignerOptions, SigningKey, SigningNode };

/** The account: beside what every local account of viem has, it signs hashes and authorizations. */
export type ViemAccount = LocalAccount & {
  sign: NonNullable<LocalAccount["sign"]>;
  signAuthorization: NonNullable<LocalAccount["signAuthorization"]>;
};

/**
 * Makes an account that signs messages (EIP-191), typed data (EIP-712), transactions and authorizations
 * (EIP-7702) with an `ecdsa` key. Holders that are asked read messages and unsigned transactions whole, and of
 * the others the digest: say in the `note` what it is.
 *
 * @throws {InputError} `scheme` or `path`
 */
export function viemAccount(node: SigningNode, key: SigningKey, options: SignerOptions = {}): ViemAccount {
  const { child, sign } = signingWith(node, key, "ecdsa", options);
  const packed = async (input: ItemInput<"ecdsa">): Promise<Hex> => {
    const [signature] = await sign([input]);
    if (signature!.ethereum === null) throw new SessionError("internal"); // once in 2^127
    return toHex(signature!.ethereum);
  };
  const ofHash = (hash: Hex) => packed({ digest: hexToBytes(hash), hash: "keccak256" });
  const ofBytes = (bytes: Hex) => packed({ message: hexToBytes(bytes), hash: "keccak256" });
  return toAccount({
    address: ethereumAddress(child),
    sign: ({ hash }) => ofHash(hash),
    signMessage: ({ message }) => ofBytes(toPrefixedMessage(message)),
    signTypedData: (data) => ofHash(hashTypedData(data)),
    async signTransaction(transaction, { serializer = serializeTransaction } = {}) {
      // EIP-4844 signs the transaction without its blobs.
      const signed = transaction.type === "eip4844" ? { ...transaction, sidecars: false } : transaction;
      return await serializer(transaction, parseSignature(await ofBytes(await serializer(signed))));
    },
    async signAuthorization(request) {
      const { chainId, nonce } = request;
      const address = request.contractAddress ?? request.address;
      const signature = parseSignature(await ofHash(hashAuthorization({ address, chainId, nonce })));
      return { address, chainId, nonce, ...signature };
    },
  }) as ViemAccount;
}
