/**
 * The store of evidence, by which a third party can check who broke the protocol. Events carry only its hash;
 * peers that may see it ask for it. It is kept in memory, within a budget.
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
  maxShown,
  maxShownItems,
} from "../../limits.ts";

/** The evidence of one failure: the signed messages, and what they are about. */
export const evidenceRecord = record("quorate/3/evidence", {
  /** The preimage of the session's id. */
  preimage: bytesUpTo(maxPreimage),
  /** The certificate of the key that was to be used; empty for a key generation. */
  certificate: bytesUpTo(maxEvidence),
  /** Signed envelopes, or statements in place of one. */
  shown: list(bytesUpTo(maxShown), maxShownItems),
});

/** The hash of evidence in a failure event: SHA-256, 64 hex digits. */
export const evidenceHash = (encoded: Uint8Array): string => sha256(encoded).toHex();

interface Kept {
  readonly encoded: Uint8Array;
  /** The initiator of the failed session, which may always see it. */
  readonly initiator: PeerId | null;
}

/** The newest evidence, by its hash. */
export class EvidenceStore {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** Keeps a piece of evidence. @returns Its hash. */
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
