/**
 * The certificate of WebRTC-direct. Only its hash matters, which is part of the node's address: the node
 * proves its identity by noise (libp2p's specification "WebRTC Direct"). It is kept for long, so that the
 * address stays the same.
 * @module
 */
import "reflect-metadata"; // @peculiar/x509 needs it to be loaded first
import {
  BasicConstraintsExtension,
  PemConverter,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { base64urlnopad } from "@scure/base";
import type { CertificateChange } from "../../events.ts";
import type { TlsCertificate, TlsCertificateKeeper } from "../../ports.ts";

const day = 86_400_000;

/** The life of a certificate, ms. A new one changes the node's address, which everyone must then learn. */
const lifetime = 10 * 365 * day;

/** The time before its end in which a start renews the certificate, ms. No process runs for longer. */
const renewal = 365 * day;

/** The time by which the start of a certificate is backdated, ms, for peers whose clocks are behind. */
const backdated = day;

/** The only curve that all implementations support (libp2p's specification "WebRTC Direct"). */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certificate in the form that @libp2p/webrtc takes. */
export interface TransportCertificate {
  /** PEM. */
  pem: string;
  /** PEM, PKCS #8. */
  privateKey: string;
  /** Multibase, base64url, of the SHA-256 multihash of the certificate. */
  certhash: string;
}

/**
 * The certificate of this node: the stored one, or a new one if there is none, if it ends soon, or if it
 * cannot be read. A new one is stored before it is used.
 *
 * @param now Wall time, ms.
 * @throws {StoreError} If it cannot be read or stored.
 */
export async function certificateOf(
  keeper: TlsCertificateKeeper,
  now: number,
): Promise<TransportCertificate> {
  const kept = await keeper.load();
  if (kept !== null && kept !== "damaged" && now < endOf(kept) - renewal) return await forTransport(kept);
  const next = await make(now);
  await keeper.replace(next, { state: stateAfter(kept), until: endOf(next) });
  return await forTransport(next);
}

function stateAfter(kept: TlsCertificate | "damaged" | null): CertificateChange["state"] {
  if (kept === null) return "made";
  return kept === "damaged" ? "replaced" : "renewed";
}

const endOf = ({ certificate }: TlsCertificate) => new X509Certificate(own(certificate)).notAfter.getTime();

/** A key and a self-signed certificate, as a browser makes them for WebRTC. It names nobody. */
async function make(now: number): Promise<TlsCertificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const second = Math.floor(now / 1_000) * 1_000; // the resolution of X.509
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

async function forTransport({ certificate, privateKey }: TlsCertificate): Promise<TransportCertificate> {
  const digest = await crypto.subtle.digest("SHA-256", own(certificate));
  const multihash = new Uint8Array([0x12, 0x20, ...new Uint8Array(digest)]);
  return {
    pem: PemConverter.encode(own(certificate), "CERTIFICATE"),
    privateKey: PemConverter.encode(own(privateKey), "PRIVATE KEY"),
    certhash: `u${base64urlnopad.encode(multihash)}`,
  };
}

/** A copy: WebCrypto and @peculiar/x509 want an array with a buffer of its own. */
const own = (bytes: Uint8Array) => new Uint8Array(bytes);
