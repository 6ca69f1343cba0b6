/**
 * The task of an ECDSA batch, and its result.
 * @module
 */
import { type Child, childOf } from "../crypto/bip32.ts";
import type { PairState } from "../crypto/dkls/pair.ts";
import { type CompactSignature, digestScalar } from "../crypto/ecdsa/signature.ts";
import { type Element, groups } from "../crypto/group.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { PublicKeyPackage, Random } from "../ports.ts";
import type { Agreed } from "./drawn.ts";
import { maxEcdsaItems } from "./sign_ecdsa_messages.ts";

const group = groups.secp256k1;

/** One signature to be made. */
export interface EcdsaItem {
  /** Non-hardened indices; empty for the key itself. */
  readonly path: readonly number[];
  /** 32 bytes: a scalar below the order, and not 0. */
  readonly digest: Uint8Array;
}

/** The signatures of one batch, at one signer. */
export interface EcdsaTask {
  key: PublicKeyPackage;
  /** The hash of the signed invite, 32 bytes: the promise is bound to it. */
  attempt: Uint8Array;
  self: PeerId;
  /** Exactly as many members as the threshold says. */
  party: readonly PeerId[];
  /** This holder's secret scalar, 32 bytes. The caller wipes it after the run. */
  share: Uint8Array;
  /** One, to {@linkcode maxEcdsaItems}. Two may be the same. */
  items: readonly EcdsaItem[];
  random: Random;
}

/** A batch's run. */
export interface EcdsaRun extends Agreed {
  /** This holder's end of the pair with each other signer. */
  pairs: ReadonlyMap<PeerId, PairState>;
  random: Random;
  /**
   * Bans the pairs with these peers, ends their other sessions and erases their state. Resolves when durable.
   */
  ban: (peers: readonly PeerId[]) => Promise<void>;
  /** Awaited after every multiplication, which takes about 5 ms. */
  pause?: () => Promise<void>;
  /** Gets the part that is done, up to 1, after every multiplication. */
  progress?: (done: number) => void;
}

/** A signature and its public key: a child key, if there was a path. */
export interface EcdsaResult extends CompactSignature {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
}

/** An item, ready to be signed. */
export interface ReadyItem extends EcdsaItem {
  /** The digest as a scalar. */
  readonly m: bigint;
  readonly child: Child;
  /** The child's public key: the same object for items with the same path. */
  readonly publicKey: Element;
}

/**
 * Checks a task.
 *
 * @returns Its items, in their order.
 * @throws {InputError} If the key is of another scheme, or party, attempt, items, a path or a digest are not as in
 * {@linkcode EcdsaTask}.
 */
export function readyItems({ key, attempt, self, party, items }: EcdsaTask): readonly ReadyItem[] {
  const { scheme, threshold, members } = key;
  const signers = new Set(party);
  if (scheme !== "ecdsa") throw new InputError("key", `expected one for ecdsa, found ${scheme}`);
  if (party.length !== threshold || signers.size !== threshold || threshold < 2) {
    throw new InputError("party", `expected ${threshold} different signers, found ${signers.size}`);
  }
  if (!party.every((peer) => members.includes(peer))) {
    throw new InputError("party", "expected members of the wallet, found a stranger");
  }
  if (!signers.has(self)) throw new InputError("party", "expected this peer among the signers, found none");
  if (attempt.length !== 32) throw new InputError("attempt", `expected 32 bytes, found ${attempt.length}`);
  const most = maxEcdsaItems(threshold);
  if (items.length < 1 || items.length > most) {
    throw new InputError("items", `expected 1 to ${most}, found ${items.length}`);
  }
  const children = new Map<string, { child: Child; publicKey: Element }>(); // by path
  return items.map(({ path, digest }) => {
    const m = digestScalar(digest);
    if (m === null) throw new InputError("digest", "expected 32 bytes that are a scalar and not 0");
    const name = path.join("/");
    if (!children.has(name)) {
      const child = childOf(group, key, path);
      children.set(name, { child, publicKey: group.decodeElement(child.publicKey) });
    }
    return { path, digest, m, ...children.get(name)! };
  });
}

/** @throws {InputError} If pairs or session are not as in {@linkcode EcdsaRun}. */
export function checkRun(
  others: readonly PeerId[],
  { session, pairs }: Pick<EcdsaRun, "session" | "pairs">,
): void {
  const alone = others.filter((peer) => !pairs.has(peer));
  if (alone.length > 0) {
    throw new InputError("pairs", `expected one with each signer, found ${alone.length} missing`);
  }
  if (session.length !== 32) throw new InputError("session", `expected 32 bytes, found ${session.length}`);
}
