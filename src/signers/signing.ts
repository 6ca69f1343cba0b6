/**
 * The common part of all signers: the node that they ask, and the request that they make of it.
 * @module
 */
import type { RequestOptions } from "../cluster/commands/initiator.ts";
import type { GroupKey } from "../cluster/keys/group_key.ts";
import type { BatchRequest, SigningChoice } from "../cluster/records/key_name.ts";
import { InputError } from "../errors.ts";
import type { Scheme } from "../events.ts";
import { childKey, verify } from "../node/verify.ts";
import type { ItemInput, Signature } from "../schemes/schemes.ts";

/** The part of a node that signers use. A `QuorateNode` has it, and so may any client of one. */
export interface SigningNode {
  /** `QuorateNode.sign` of a batch. */
  sign<S extends Scheme>(
    request: BatchRequest<S>,
    options?: RequestOptions,
  ): { readonly result: Promise<Signature<S>[]> };
}

/** The part of a key that signers use, as `keys()` returns it. It stays when the key is dealt anew. */
export type SigningKey = Pick<GroupKey, "wallet" | "scheme" | "publicKey" | "chainCode">;

/** The options of every signer; what each request says beside its input. */
export interface SignerOptions
  extends RequestOptions, Pick<SigningChoice, "keyId" | "note" | "reference" | "signers"> {
  /** The non-hardened indices (BIP-32) of the child key that signs; by default the key itself. */
  readonly path?: readonly number[];
}

/** A key, its child and a node, ready to sign. */
export interface Signing<S extends Scheme> {
  /** The child at the path of the options, or the key itself. */
  readonly child: ReturnType<typeof childKey>;
  /**
   * Signs inputs: one command, one approval, one session. `signal` ends it, as does that of the options.
   *
   * @throws {InputError} `key`, if the node has signed with another.
   */
  sign(items: readonly ItemInput<S>[], signal?: AbortSignal): Promise<Signature<S>[]>;
}

/**
 * Prepares to sign with a key.
 *
 * @throws {InputError} `scheme`, if the key has another; `path`
 */
export function signingWith<S extends Scheme>(
  node: SigningNode,
  key: SigningKey,
  scheme: S,
  { path = [], signal, lifetimeMs, ...labels }: SignerOptions,
): Signing<S> {
  if (key.scheme !== scheme) throw new InputError("scheme", `expected ${scheme}, found ${key.scheme}`);
  const choice = { ...labels, wallet: key.wallet, scheme };
  const lifetime = lifetimeMs === undefined ? {} : { lifetimeMs };
  return {
    child: childKey(key, path),
    async sign(items, more) {
      const signals = [signal, more].filter((one) => one !== undefined);
      const ending = signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
      const withPath = items.map((item) => ({ path, ...item }));
      const session = node.sign<S>({ ...choice, items: withPath }, { ...lifetime, ...ending });
      const signatures = await session.result;
      const isBy = (item: ItemInput<S>, signature?: Signature<S>) =>
        signature !== undefined && formsOf(signature).every((form) => verify(key, item, form));
      if (withPath.every((item, i) => isBy(item, signatures[i]))) return signatures;
      throw new InputError("key", `expected the key that signs for “${key.wallet}”, found another`);
    },
  };
}

/** Every form of a signature that `verify()` reads. A form that is handed out is checked like any other. */
function formsOf<S extends Scheme>(signature: Signature<S>): Signature<S>[] {
  const packed = "ethereum" in signature ? signature.ethereum : null;
  return packed == null ? [signature] : [signature, { ...signature, bytes: packed }];
}
