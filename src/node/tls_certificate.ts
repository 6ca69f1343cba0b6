/**
 * The TLS certificate of this node for WebRTC-direct, kept in its store: its hash is part of the node's
 * addresses.
 * @module
 */
import { bytesUpTo, record } from "../crypto/codec.ts";
import type { CertificateChange } from "../events.ts";
import { StoreError } from "../errors.ts";
import type { TlsCertificate, TlsCertificateKeeper } from "../ports.ts";
import type { SealedRecords } from "../store/sealed.ts";

const name = "certificate/webrtc";
const certificateRecord = record("quorate/1/webrtc-certificate", {
  certificate: bytesUpTo(4096),
  privateKey: bytesUpTo(1024),
});

/**
 * The keeper of that certificate. A damaged one is erased: the node then gets a new address instead of no
 * address.
 *
 * @param changed Called with each change.
 */
export function storedTlsCertificate(
  rows: Pick<SealedRecords, "get" | "swap" | "erase">,
  changed: (change: CertificateChange) => void,
): TlsCertificateKeeper {
  let from: number | null = null;
  return {
    async load(): Promise<TlsCertificate | "damaged" | null> {
      try {
        const found = await rows.get(name);
        from = found?.version ?? null;
        return found && certificateRecord.decode(found.plain);
      } catch {
        // Only a damaged row can be erased; a store in trouble throws again here.
        await rows.erase(name);
        from = null;
        return "damaged";
      }
    },
    async replace({ certificate, privateKey }, change) {
      if (!await rows.swap(name, from, certificateRecord.encode({ certificate, privateKey }))) {
        throw new StoreError(`Cannot write "${name}": another process has written it`);
      }
      changed(change);
    },
  };
}
