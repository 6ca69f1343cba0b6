/**
 * The certificate under which this node is reached by WebRTC-direct, in its store: others have its hash in an address.
 * @module
 */
import { bytesUpTo, record } from "../crypto/codec.ts";
import type { CertificateChange } from "../events.ts";
import { StoreError } from "../errors.ts";
import type { Certificate, CertificateKeeper } from "../ports.ts";
import type { SealedRecords } from "../store/sealed.ts";

const name = "certificate/webrtc";
const certificateRecord = record("quorate/1/webrtc-certificate", {
  certificate: bytesUpTo(4096),
  privateKey: bytesUpTo(1024),
});

/** A damaged one is given up: a node without its old address is better than none. @param tell Told of each new one. */
export function keptCertificate(
  rows: Pick<SealedRecords, "get" | "swap" | "erase">,
  tell: (change: CertificateChange) => void,
): CertificateKeeper {
  let from: number | null = null;
  return {
    async load(): Promise<Certificate | "damaged" | null> {
      try {
        const found = await rows.get(name);
        from = found?.version ?? null;
        return found && certificateRecord.decode(found.plain);
      } catch {
        // Of all that went wrong, only damage lets itself be erased: a store in trouble says so when asked again.
        await rows.erase(name);
        from = null;
        return "damaged";
      }
    },
    async replace({ certificate, privateKey }, change) {
      if (!await rows.swap(name, from, certificateRecord.encode({ certificate, privateKey }))) {
        throw new StoreError(`Cannot write "${name}": another process has written it`);
      }
      tell(change);
    },
  };
}
