/**
 * An identity as text, in the form of an identity file of the `age` tool (`age --decrypt -i FILE`). That tool
 * skips comments and refuses every other line that is not an age identity, so the peer key stands in a
 * comment.
 *
 * ```text
 * # quorate identity: who has this file is this peer
 * # peer: 12D3Koo…
 * # public key: age1…
 * # peer key: QUORATE-PEER-KEY-1…
 * AGE-SECRET-KEY-1…
 * ```
 * @module
 */
import { bech32 } from "@scure/base";
import { recipientOf } from "../crypto/age/storage_key.ts";
import { InputError } from "../errors.ts";
import type { Identity } from "../ports.ts";
import { identityFrom } from "./identity.ts";

const peerKeyPrefix = "quorate-peer-key-";

/** The text of an identity: secret. */
export async function writeKeyText(identity: Identity): Promise<string> {
  const { peerSeed, storageKey } = identity.secrets();
  return `# quorate identity: who has this file is this peer
# peer: ${identity.peer}
# public key: ${await recipientOf(storageKey)}
# peer key: ${bech32.encodeFromBytes(peerKeyPrefix, peerSeed).toUpperCase()}
${storageKey}
`;
}

/**
 * The identity in a text of {@linkcode writeKeyText}, to which other comments and empty lines may have been
 * added.
 *
 * @param source The origin of the text, for the error.
 * @throws {InputError} `identity`, naming the line that is missing or damaged; it quotes no secret.
 */
export async function readKeyText(text: string, source: string): Promise<Identity> {
  const lines = readLines(text, source);
  const line = (label: string) => {
    const found = lines.get(label);
    if (found === undefined) throw new InputError("identity", `expected a ${label} in ${source}, found none`);
    return found;
  };
  const damaged = (label: string, expected: string) =>
    new InputError(
      "identity",
      `expected ${expected} in line ${line(label).number} of ${source}, found another`,
    );

  const peerSeed = readPeerKey(line("peer key").value);
  if (peerSeed === null) throw damaged("peer key", "QUORATE-PEER-KEY-1… and its checksum");
  const storageKey = line("storage key").value;
  const identity = await identityFrom({ peerSeed, storageKey }).catch((cause) => {
    throw cause instanceof InputError ? damaged("storage key", "AGE-SECRET-KEY-1… and its checksum") : cause;
  });
  const recipient = await recipientOf(storageKey);
  if (line("peer").value !== identity.peer) throw damaged("peer", `${identity.peer}, whose key this is,`);
  if (line("public key").value !== recipient) throw damaged("public key", `${recipient}, whose key this is,`);
  return identity;
}

/** The lines by their labels. */
function readLines(text: string, source: string): Map<string, { value: string; number: number }> {
  const lines = new Map<string, { value: string; number: number }>();
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const comment = /^# (peer|public key|peer key): (.*)$/.exec(line);
    const label = comment?.[1] ?? "storage key";
    if (comment === null && (line === "" || line.startsWith("#"))) continue;
    if (lines.has(label)) {
      throw new InputError("identity", `expected one ${label} in ${source}, found another in line ${i + 1}`);
    }
    lines.set(label, { value: comment?.[2] ?? line, number: i + 1 });
  }
  return lines;
}

/** The seed, 32 bytes; null if it does not decode. The decoder's own error would quote it. */
function readPeerKey(text: string): Uint8Array | null {
  if (text !== text.toUpperCase()) return null;
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix.toLowerCase() === peerKeyPrefix && bytes.length === 32 ? bytes : null;
  } catch {
    return null;
  }
}
