/**
 * The certificate of WebRTC-direct. Its hash is part of the node's address, and nobody looks at anything else in it: who
 * the node is, noise proves (libp2p's specification "WebRTC Direct"). So it stays the same for as long as it can.
 * @module
 */
import "reflect-metadata"; // what the next one needs to be there before it
import {
  BasicConstraintsExtension,
  PemConverter,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { CertificateChange } from "../../events.ts";
import type { Certificate, CertificateKeeper } from "../../ports.ts";

const day = 86_400_000;

/** A new one changes the node's address, which then has to be told to everyone: that should be rare. */
const lifetime = 10 * 365 * day;

/** Renewed at the first start within so long a time before its end: no process runs for longer. */
const renewal = 365 * day;

/** Clocks of others may be behind. */
const backdated = day;

/** The one curve that all implementations know (libp2p's specification "WebRTC Direct"). */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** What @libp2p/webrtc listens with. */
export interface TransportCertificate {
  /** PEM. */
  pem: string;
  /** PEM, PKCS #8. */
  privateKey: string;
  /** Multibase, base64url, of the SHA-256 multihash of the certificate. */
  certhash: string;
}

/**
 * The certificate of this node: the one that is kept, or a new one, if there is none, it is about to end, or it cannot be
 * read. A new one is kept before it is used.
 *
 * @param now Wall time, ms.
 * @throws {StoreError} If it cannot be kept.
 */
export async function certificateOf(keeper: CertificateKeeper, now: number): Promise<TransportCertificate> {
  const kept = await keeper.load();
  if (kept !== null && kept !== "damaged" && now < endOf(kept) - renewal) return await forTransport(kept);
  const next = await make(now);
  await keeper.replace(next, { state: stateAfter(kept), until: endOf(next) });
  return await forTransport(next);
}

function stateAfter(kept: Certificate | "damaged" | null): CertificateChange["state"] {
  if (kept === null) return "made";
  return kept === "damaged" ? "replaced" : "renewed";
}

const endOf = ({ certificate }: Certificate) => new X509Certificate(own(certificate)).notAfter.getTime();

/** A key and a certificate signed with it, as a browser makes them for WebRTC: it says nothing about anybody. */
async function make(now: number): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const second = Math.floor(now / 1_000) * 1_000; // X.509 knows nothing shorter
  const made = await X509CertificateGenerator.createSelfSigned({
    name: "CN=WebRTC",
    notBefore: new Date(second - backdated),
    notAfter: new Date(second + lifetime),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(false, undefined, true)],
  }, crypto);
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { certificate: new Uint8Array(made.rawData), privateKey };
}

async function forTransport({ certificate, privateKey }: Certificate): Promise<TransportCertificate> {
  const digest = await crypto.subtle.digest("SHA-256", own(certificate));
  const multihash = new Uint8Array([0x12, 0x20, ...new Uint8Array(digest)]);
  return {
    pem: PemConverter.encode(own(certificate), "CERTIFICATE"),
    privateKey: PemConverter.encode(own(privateKey), "PRIVATE KEY"),
    certhash: `u${multihash.toBase64({ alphabet: "base64url", omitPadding: true })}`,
  };
}

/** WebCrypto and @peculiar/x509 want bytes of memory of their own. */
const own = (bytes: Uint8Array) => new Uint8Array(bytes);
