/**
 * The interface of a signature scheme for whoever stores shares: their check and their encoding on a disk.
 * Only `keystore/` and the schemes themselves may import it.
 * @module
 */
import type { PairOf } from "../../crypto/dkls/pair.ts";

export type { PairOf };

/** The encoding of a pair's state. */
export interface PairCodec<Pair> {
  /** The caller wipes the result. */
  encode(of: PairOf, pair: Pair): Uint8Array;
  /** @throws {Error} If it does not decode, or is bound to anything else. */
  decode(of: PairOf, encoded: Uint8Array): Pair;
}

/** One signature scheme, at rest. */
export interface StoredScheme<Pair extends Disposable = Disposable> {
  /**
   * share · G, which must be the holder's verifying share.
   *
   * @throws {Error} If the share is no scalar, or 0.
   */
  verifyingShareOf(share: Uint8Array): Uint8Array;
  /** The encoding of a pair's state on a disk; null for a scheme without pairs. */
  readonly pairs: PairCodec<Pair> | null;
}
