/**
 * The signature of a webhook's request, as Standard Webhooks 1.0 has it: HMAC-SHA256 over `id.timestamp.body`, in
 * the headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature` (`v1,` and base64).
 * @module
 */
import { base64 } from "@scure/base";
import { InputError } from "../../errors.ts";

/** The secret that both ends have. */
export interface WebhookSecret {
  /** The headers of a signed request. */
  sign(message: { id: string; at: number; body: string }): Promise<Record<string, string>>;
}

const prefix = "whsec_";
/** The lengths of a secret that the standard allows, bytes. */
const lengths = { least: 24, most: 64 };

/** Reads a secret: `whsec_` and base64. @throws {InputError} `field`, never with the secret. */
export async function webhookSecret(field: string, text: string): Promise<WebhookSecret> {
  const bytes = bytesOf(text);
  if (bytes === null) throw new InputError(field, `expected ${prefix} and base64, found something else`);
  if (bytes.length < lengths.least || bytes.length > lengths.most) {
    throw new InputError(field, `expected ${lengths.least} to ${lengths.most} bytes, found ${bytes.length}`);
  }
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, hmac, false, ["sign"]);
  return {
    async sign({ id, at, body }) {
      const timestamp = String(Math.floor(at / 1000));
      const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
      const signature = base64.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, signed)));
      return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
    },
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | null {
  if (!text.startsWith(prefix)) return null;
  try {
    return new Uint8Array(base64.decode(text.slice(prefix.length)));
  } catch {
    return null; // its message would have the secret
  }
}
