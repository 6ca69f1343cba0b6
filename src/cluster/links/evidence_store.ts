/**
 * Evidence of failures: what a third party needs to check who broke the protocol. Events carry only its hash; who may
 * see it asks for it. It is kept in memory, within a budget.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesUpTo, list, record } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import {
  evidenceBytes,
  evidenceKept,
  maxEvidence,
  maxPreimage,
  maxSessionFrame,
  maxShownItems,
} from "../../limits.ts";

/** What was shown, and what it is about. */
export const evidenceRecord = record("quorate/2/evidence", {
  /** Of the session's id. */
  preimage: bytesUpTo(maxPreimage),
  /** Of the key that was to be used; empty for a key generation. */
  certificate: bytesUpTo(maxEvidence),
  /** Signed envelopes, and statements that stand for one. */
  shown: list(bytesUpTo(maxSessionFrame), maxShownItems),
});

/** What a failure says of its evidence: SHA-256, 64 hex digits. */
export const evidenceHash = (encoded: Uint8Array): string => sha256(encoded).toHex();

interface Kept {
  readonly encoded: Uint8Array;
  /** Who asked for what failed: may see it whatever else it may do. */
  readonly initiator: PeerId | null;
}

/** The newest evidence, by its hash. */
export class EvidenceStore {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** @returns Its hash. */
  add(encoded: Uint8Array, initiator: PeerId | null): string {
    const hash = evidenceHash(encoded);
    if (encoded.length > maxEvidence || this.#kept.has(hash)) return hash;
    this.#kept.set(hash, { encoded, initiator });
    this.#bytes += encoded.length;
    for (const [oldest, { encoded }] of this.#kept) {
      if (this.#kept.size <= evidenceKept && this.#bytes <= evidenceBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= encoded.length;
    }
    return hash;
  }

  get(hash: string): Kept | undefined {
    return this.#kept.get(hash);
  }
}
