/**
 * What an operator puts before a node or a site: ends TLS, and passes the bytes on. Not a test by itself.
 * @module
 */
import "reflect-metadata"; // what the next one needs to be there before it
import * as x509 from "@peculiar/x509";

/** A proxy that listens on a port of its own. */
export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
}

/** Ends TLS for `localhost`, under a certificate made for it, and passes on to a port of this machine. */
export async function tlsProxy(to: number): Promise<TlsProxy> {
  const listener = Deno.listenTls({ port: 0, hostname: "127.0.0.1", ...await certificate() });
  const open = new Set<Deno.Conn>();
  async function pass(from: Deno.Conn): Promise<void> {
    const target = await Deno.connect({ port: to, hostname: "127.0.0.1" });
    open.add(from).add(target);
    await Promise.allSettled([from.readable.pipeTo(target.writable), target.readable.pipeTo(from.writable)]);
    open.delete(from);
    open.delete(target);
  }
  const passing = (async () => {
    for await (const from of listener) void pass(from);
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch (error) {
          if (!(error instanceof Deno.errors.BadResource)) throw error; // its stream has closed it
        }
      }
      await passing;
    },
  };
}

async function certificate(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  x509.cryptoProvider.set(crypto);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  const key = x509.PemConverter.encode(
    await crypto.subtle.exportKey("pkcs8", keys.privateKey),
    "PRIVATE KEY",
  );
  return { cert: made.toString("pem"), key };
}
