/**
 * Signing for a request on the control socket.
 * @module
 */
import type { KeyChoice } from "../../../cluster/records/key_name.ts";
import { InputError } from "../../../errors.ts";
import type { Signature } from "../../../schemes/schemes.ts";
import { inputOf } from "../../sign_items.ts";
import { until } from "../wait.ts";
import { nameIn, peersNamed } from "../peer_names.ts";
import { type Performing, resultOf } from "../performing.ts";
import type { RequestOf } from "../requests.ts";

/** The signatures of a request. */
export interface Signed {
  /** The id of the command. */
  id: string;
  /** In the order of the items; bytes in hex. */
  signatures: Record<string, unknown>[];
}

/** Waits until enough holders are ready, and signs. @throws {InputError} @throws {ExplainedFailure} */
export async function sign(
  { wallet, scheme, keyId, items, signers, id, note, reference, waitMs }: RequestOf<"sign">,
  about: Performing,
): Promise<Signed> {
  const { node } = about;
  const key = { wallet, scheme, ...(keyId !== undefined && { keyId }) };
  const inputs = items.map(inputOf);
  await untilReady(key, waitMs, about);
  about.signal.throwIfAborted();
  const session = node.sign({
    ...key,
    items: inputs,
    ...(id !== undefined && { id }),
    ...(signers !== undefined && { signers: peersNamed("signers", signers, node.roster) }),
    note,
    reference,
  });
  return { id: session.id, signatures: (await resultOf(about, session)).map(signatureInHex) };
}

/**
 * Waits until the key is known and enough of its holders are ready; after that the cluster reports who is missing. A node
 * that has run for as long knows its keys: it does not wait for one that it has not heard of.
 */
async function untilReady(key: KeyChoice, ms: number, about: Performing): Promise<void> {
  const { node, signal, started, progress } = about;
  const nameOf = nameIn(node);
  await until(
    async () => {
      try {
        const { quorate, missing } = await node.readiness(key);
        if (!quorate) progress(`waiting for ${missing.map(nameOf).join(", ")} …`);
        return quorate;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        progress(`waiting to hear of “${key.wallet}” …`);
        return Date.now() > started + ms;
      }
    },
    ms,
    signal,
  );
}

/** A signature with its bytes in hex. */
export const signatureInHex = (signature: Signature): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(signature).map(([name, part]) => [name, part instanceof Uint8Array ? part.toHex() : part]),
  );
